// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Stands between a backend and the eras: a list shows its caller what that caller may use, whatever backend answers. Thread-safe. */
public final class Lists {

    /** A page of which everything is withheld is skipped, because an empty one would tell of it; so many in a row. */
    private static final int MAX_SKIPPED = 100;

    private static final String CURSOR = "cursor";
    private static final String NEXT_CURSOR = "nextCursor";

    private final Authorizer authorizer;
    private final Calls calls;
    private final CursorSeal cursors;
    private final Json json;

    public Lists(Authorizer authorizer, Calls calls, CursorSeal cursors, Json json) {
        this.authorizer = authorizer;
        this.calls = calls;
        this.cursors = cursors;
        this.json = json;
    }

    /**
     * Has a backend answer a request.
     *
     * @param version the negotiated protocol version
     * @return as {@link BackendSession#request} does
     * @throws RefusedException when the request's cursor was not made for this caller and list
     */
    public Mono<Void> request(BackendSession session, Caller caller, String version, Request request, Outlet outlet) {
        ListKind kind = ListKind.of(request.method()).orElse(null);
        return kind == null
                ? session.request(caller, request, outlet)
                : new Pages(session, caller, version, kind, outlet).from(opened(caller, request), MAX_SKIPPED);
    }

    private Request opened(Caller caller, Request request) {
        return request.params().get(CURSOR) instanceof String cursor && !authorizer.isOpen()
                ? at(request, cursors.open(Owner.of(caller), request.method(), cursor))
                : request;
    }

    private static Request at(Request request, String cursor) {
        Map<String, Object> params = new LinkedHashMap<>(request.params());
        params.put(CURSOR, cursor);
        String text =
                request.text() == null ? null : JsonText.set(request.text(), JsonText.quote(cursor), "params", CURSOR);
        return new Request(request.id(), request.method(), params, text);
    }

    /** The pages of one request. */
    private final class Pages {

        private final BackendSession session;
        private final Caller caller;
        private final String version;
        private final ListKind kind;
        private final Outlet outlet;

        Pages(BackendSession session, Caller caller, String version, ListKind kind, Outlet outlet) {
            this.session = session;
            this.caller = caller;
            this.version = version;
            this.kind = kind;
            this.outlet = outlet;
        }

        Mono<Void> from(Request request, int left) {
            HeldResult held = new HeldResult(outlet);
            return session.request(caller, request, held).then(Mono.defer(() -> answer(request, held, left)));
        }

        private Mono<Void> answer(Request request, HeldResult held, int left) {
            Object members = held.members();
            if (members == null) {
                return Mono.empty(); // the outlet was told why
            }
            Map<String, Object> listed = json.asObject(members);
            List<?> items = items(kind, listed);
            BitSet shown = shown(kind, items, name -> mayKnowOf(caller, version, kind, name));
            String next = listed.get(NEXT_CURSOR) instanceof String cursor ? cursor : null;
            if (shown.isEmpty() && next != null && left > 0) {
                return from(at(request, next), left - 1);
            }
            Response whole = held.whole();
            if (whole != null) {
                outlet.answer(edited(request, whole, held.meta(), shown, next));
                return Mono.empty();
            }
            listed.put(kind.member(), inOrder(kind, items, shown));
            if (next != null && !authorizer.isOpen()) {
                listed.put(NEXT_CURSOR, cursors.seal(Owner.of(caller), kind.method(), next));
            }
            Map<String, Object> meta = WhoAmI.answer(request, caller, held.meta());
            if (!meta.isEmpty()) {
                listed.put("_meta", meta);
            }
            outlet.result(listed, meta);
            return Mono.empty();
        }

        /** The answer of another server, with what its caller sees of it in its own words and order. */
        private Response edited(
                Request request, Response whole, Map<String, Object> itsMeta, BitSet shown, @Nullable String next) {
            String text = JsonText.filter(Objects.requireNonNull(whole.text()), shown::get, "result", kind.member());
            Response edited = new Response(whole.id(), whole.whole(), text);
            if (next != null && !authorizer.isOpen()) {
                String sealed = cursors.seal(Owner.of(caller), kind.method(), next);
                edited = edited.with(JsonText.quote(sealed), "result", NEXT_CURSOR);
            }
            for (Map.Entry<String, Object> more :
                    WhoAmI.answer(request, caller, itsMeta).entrySet()) {
                if (!more.getValue().equals(itsMeta.get(more.getKey()))) {
                    edited = edited.with(Json.text(json.write(more.getValue())), "result", "_meta", more.getKey());
                }
            }
            return edited;
        }
    }

    private static List<?> items(ListKind kind, Map<String, Object> listed) {
        return listed.get(kind.member()) instanceof List<?> items ? items : List.of();
    }

    /** The positions of the items that pass. */
    private static BitSet shown(ListKind kind, List<?> items, Predicate<String> mayKnow) {
        BitSet shown = new BitSet(items.size());
        for (int at = 0; at < items.size(); at++) {
            shown.set(
                    at,
                    JsonRpcMessage.object(items.get(at)).get(kind.key()) instanceof String name && mayKnow.test(name));
        }
        return shown;
    }

    /** The items at some positions, in a stable order. */
    private static List<Map<String, Object>> inOrder(ListKind kind, List<?> items, BitSet shown) {
        return shown.stream()
                .mapToObj(at -> JsonRpcMessage.object(items.get(at)))
                .sorted(Comparator.comparing(one -> String.valueOf(one.get(kind.key()))))
                .toList();
    }

    private boolean mayKnowOf(Caller caller, String version, ListKind kind, String name) {
        return authorizer.mayKnowOf(caller, use(kind, name, version));
    }

    private Call use(ListKind kind, String name, String version) {
        return calls.to(kind.subject().use(), name, version).about(kind.subject());
    }

    /** The value as a JSON object. */
    Map<String, Object> object(Object value) {
        return json.asObject(value);
    }

    /** Everything in a list of a backend, with what its caller sees of it by some policies. */
    public final class Whole {

        private final Caller caller;
        private final String version;
        private final ListKind kind;
        private final List<Object> items;

        private Whole(Caller caller, String version, ListKind kind, List<Object> items) {
            this.caller = caller;
            this.version = version;
            this.kind = kind;
            this.items = items;
        }

        /** The items that the caller sees. */
        List<Map<String, Object>> shown() {
            return inOrder(kind, items, Lists.shown(kind, items, name -> mayKnowOf(caller, version, kind, name)));
        }

        /** The items that the caller would see by another policy. */
        List<Map<String, Object>> shownBy(AccessPolicy policy) {
            return inOrder(
                    kind,
                    items,
                    Lists.shown(kind, items, name -> Authorizer.mayKnowOf(policy, caller, use(kind, name, version))));
        }

        boolean isEmpty() {
            return Lists.shown(kind, items, name -> true).isEmpty();
        }

        /** Whether there is something of which the caller sees nothing. */
        boolean isWithheld() {
            return !isEmpty() && shown().isEmpty();
        }
    }

    /** Asks a backend for all of a list; fails when it does not answer with one. */
    Mono<Whole> whole(BackendSession session, Caller caller, String version, ListKind kind) {
        return Mono.defer(() -> gather(session, caller, kind, Optional.empty(), new ArrayList<>(), MAX_SKIPPED))
                .map(items -> new Whole(caller, version, kind, items));
    }

    private Mono<List<Object>> gather(
            BackendSession session,
            Caller caller,
            ListKind kind,
            Optional<String> cursor,
            List<Object> items,
            int left) {
        Request plain = new Request("list", kind.method(), Map.of());
        HeldResult held = new HeldResult(null);
        return session.request(caller, cursor.map(text -> at(plain, text)).orElse(plain), held)
                .then(Mono.defer(() -> {
                    Object members = held.members();
                    if (members == null) {
                        return Mono.error(new IllegalStateException("no answer to " + kind.method()));
                    }
                    Map<String, Object> listed = json.asObject(members);
                    if (listed.get(kind.member()) instanceof List<?> page) {
                        items.addAll(page);
                    }
                    return listed.get(NEXT_CURSOR) instanceof String next && left > 0
                            ? gather(session, caller, kind, Optional.of(next), items, left - 1)
                            : Mono.just(items);
                }));
    }

    /** Keeps a result and passes everything else on, if there is anything to pass it to. */
    private static final class HeldResult implements Outlet {

        private final @Nullable Outlet outlet;
        private volatile @Nullable Response whole;
        private volatile @Nullable Object members;
        private volatile Map<String, Object> meta = Map.of();

        HeldResult(@Nullable Outlet outlet) {
            this.outlet = outlet;
        }

        /** The answer of another server; null when it is none. */
        @Nullable
        Response whole() {
            return whole;
        }

        @Nullable
        Object members() {
            return members;
        }

        Map<String, Object> meta() {
            return meta;
        }

        @Override
        public void answer(Response response) {
            if (outlet != null && !response.whole().containsKey("result")) {
                outlet.answer(response);
            } else {
                whole = response;
                Outlet.super.answer(response);
            }
        }

        @Override
        public void pass(JsonRpcMessage message) {
            if (outlet != null) {
                outlet.pass(message);
            }
        }

        @Override
        public void result(Object result, Map<String, Object> resultMeta) {
            meta = resultMeta;
            members = result;
        }

        @Override
        public void error(Failure failure) {
            if (outlet != null) {
                outlet.error(failure);
            }
        }

        @Override
        public Observation observation() {
            return outlet == null ? Observation.NONE : outlet.observation();
        }

        @Override
        public void notification(String method, @Nullable Object params) {
            if (outlet != null) {
                outlet.notification(method, params);
            }
        }

        @Override
        public Mono<Void> question(Object id, String method, @Nullable Object params) {
            return outlet == null
                    ? Mono.error(new IllegalStateException("there is no client to ask"))
                    : outlet.question(id, method, params);
        }
    }
}
