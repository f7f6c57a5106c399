// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.HeaderValue;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Revision 2026-07-28: each request stands for itself, and headers mirror what HTTP's intermediaries look at. A host on stdio cannot know
 * which arguments are mirrored, so that is learnt from the tools' schemas. Thread-safe.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http">Streamable HTTP,
 *     2026-07-28</a>
 */
public final class ModernSide {

    private static final String META = "_meta";
    private static final String SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
    private static final String ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
    private static final Map<String, String> LISTS = Map.of(
            "toolsListChanged", "notifications/tools/list_changed",
            "promptsListChanged", "notifications/prompts/list_changed",
            "resourcesListChanged", "notifications/resources/list_changed");
    private static final int MAX_PAGES = 100;

    private final Wire wire;
    private final Relay relay;
    private final Consumer<String> notices;
    private final LearntTools tools;
    private final AtomicLong ownIds = new AtomicLong();

    public ModernSide(Wire wire, Relay relay, Consumer<String> notices) {
        this.wire = wire;
        this.relay = relay;
        this.notices = notices;
        this.tools = new LearntTools(notices);
    }

    /** Whether the request names its revision itself, as those of this era do. */
    public static boolean isModern(Message.Request request) {
        return version(request).isPresent() || request.method().equals(Method.DISCOVER.text());
    }

    /** Whether the request lasts until it is cancelled. */
    public static boolean isLasting(Message.Request request) {
        return request.method().equals(Method.SUBSCRIPTIONS_LISTEN.text());
    }

    private static Optional<String> version(Message.Request request) {
        return request.params().object(META).string(Revision.META_KEY);
    }

    /**
     * Has a request answered.
     *
     * @throws Outage when the server gives no answer
     */
    public void request(Message.Request request, InFlight exchange) {
        if (isLasting(request)) {
            listen(request, exchange);
            return;
        }
        boolean isCall = request.method().equals(Method.TOOLS_CALL.text());
        String tool = request.params().string("name").orElse("");
        if (isCall && !tools.knows(tool)) {
            learn(request, exchange);
            tools.isUnlisted(tool);
        }
        AtomicBoolean lacksHeaders = new AtomicBoolean();
        ask(request, exchange, response -> {
            if (isCall && isHeaderMismatch(response)) {
                lacksHeaders.set(true);
                return false;
            }
            Optional<Message.Response> valid =
                    request.method().equals(Method.TOOLS_LIST.text()) ? tools.learn(response) : Optional.empty();
            if (valid.isEmpty()) {
                return true;
            }
            if (!exchange.isAborted()) {
                relay.host().accept(valid.get());
            }
            return false;
        });
        if (lacksHeaders.get()) { // then it has not run
            learn(request, exchange);
            ask(request, exchange, response -> true);
        }
    }

    private static boolean isHeaderMismatch(Message.Response response) {
        return response.whole()
                .object("error")
                .raw("code")
                .filter(Integer.toString(ErrorCode.HEADER_MISMATCH)::equals)
                .isPresent();
    }

    private void ask(Message.Request request, InFlight exchange, Predicate<Message.Response> isPassed) {
        Reply reply = wire.post(headers(request), request.text(), exchange);
        Optional<Relay.Unanswered> end = relay.pass(request, reply, exchange, isPassed);
        if (end.isPresent() && !exchange.isAborted()) {
            throw Outage.cutOff(wire.server(), end.get().how());
        }
    }

    /** Reads the list of tools with the metadata of a call: so many pages, and no more than one message may have. */
    private void learn(Message.Request call, InFlight exchange) {
        Optional<String> meta = call.params().raw(META);
        Optional<String> cursor = Optional.empty();
        int page = 0;
        long characters = 0;
        do {
            String params = "{" + meta.map(value -> "\"" + META + "\":" + value).orElse("")
                    + cursor.map(value -> (meta.isPresent() ? "," : "") + "\"cursor\":" + value)
                            .orElse("")
                    + "}";
            Message.Request list = Message.request(
                    "mcp-mtls-" + ownIds.incrementAndGet(), Method.TOOLS_LIST.text(), Optional.of(params));
            Message.Response[] answer = new Message.Response[1];
            ask(list, exchange, response -> {
                answer[0] = response;
                return false;
            });
            RawObject result = answer[0] == null
                    ? RawObject.EMPTY
                    : tools.learn(answer[0]).orElse(answer[0]).result();
            characters += answer[0] == null ? 0 : answer[0].text().length();
            cursor = result.raw("nextCursor").filter(value -> value.length() > 2 && value.startsWith("\""));
        } while (cursor.isPresent() && ++page < MAX_PAGES && characters < Wire.MAX_MESSAGE && !exchange.isAborted());
    }

    /**
     * A stream of changes, opened again with the same words when it breaks: to listen changes nothing. The host may
     * have missed something, so it is told that the lists have changed.
     */
    private void listen(Message.Request request, InFlight exchange) {
        Relay again = new Relay(message -> tellAgain(request, message), relay.refusals(), notices);
        Backoff backoff = new Backoff();
        boolean wasOpen = false;
        while (!exchange.isAborted()) {
            try {
                Reply reply = wire.post(headers(request), request.text(), exchange);
                Optional<Relay.Unanswered> end =
                        (wasOpen ? again : relay).pass(request, reply, exchange, response -> true);
                if (end.isEmpty()) {
                    return;
                }
                wasOpen = true;
                notices.accept("a subscription was cut off and is opened again");
            } catch (Outage outage) {
                if (!wasOpen || !outage.isUnreachable()) {
                    throw outage;
                }
            }
            exchange.pause(backoff.next());
        }
    }

    /** A second acknowledgement says to the host that it may have missed something. */
    private void tellAgain(Message.Request request, Message message) {
        if (!(message instanceof Message.Notification acknowledged)
                || !acknowledged.method().equals(ACKNOWLEDGED)) {
            relay.host().accept(message);
            return;
        }
        RawObject granted = acknowledged.params().object("notifications");
        String params = "{\"" + META + "\":{\"" + SUBSCRIPTION + "\":" + request.id() + "}}";
        LISTS.forEach((filter, method) -> {
            if (granted.isTrue(filter)) {
                relay.host().accept(Message.parse(Message.notification(method, Optional.of(params))));
            }
        });
    }

    private Map<String, String> headers(Message.Request request) {
        Map<String, String> headers = new LinkedHashMap<>(ObservedRequest.header(request));
        String version = version(request).orElse(Revision.MODERN.text());
        if (!version.matches("[!-~]{1,64}") || !request.method().matches("[!-~]{1,256}")) {
            throw new InvalidMessageException(
                    ErrorCode.INVALID_REQUEST, "the revision and the method must be visible ASCII, as headers are");
        }
        headers.put(HeaderName.PROTOCOL_VERSION, version);
        headers.put(HeaderName.METHOD, request.method());
        Method.of(request.method())
                .flatMap(Method::named)
                .flatMap(request.params()::string)
                .ifPresent(name -> headers.put(HeaderName.NAME, HeaderValue.encode(name)));
        if (request.method().equals(Method.TOOLS_CALL.text())) {
            headers.putAll(tools.headers(
                    request.params().string("name").orElse(""), request.params().object("arguments")));
        }
        return headers;
    }
}
