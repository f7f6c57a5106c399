// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.pins.PinnedTools;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.ConnectionException.ToolWithheld;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Checks a server's tools against its pins, in both directions and both eras. Lists and introductions arrive without unapproved tools and
 * instructions. A call is sent only after a list has shown the tool as approved, since the latest change; otherwise the list is read again
 * first. Thread-safe.
 */
final class PinGuard {

    private static final String OWN = "pins/";

    private final PinnedTools tools;
    private final Codec codec;
    private final URI server;
    private final Supplier<Optional<String>> identity;
    private final Map<Object, Long> lists = new ConcurrentHashMap<>();
    private final Map<Object, JSONRPCResponse> ownAnswers = new ConcurrentHashMap<>();
    private final AtomicLong counter = new AtomicLong();

    private PinGuard(PinnedTools tools, Codec codec, URI server, Supplier<Optional<String>> identity) {
        this.tools = tools;
        this.codec = codec;
        this.server = server;
        this.identity = identity; // of the server that answered last
    }

    /** For one transport; each change is an audit event of its profile. */
    static PinGuard of(ToolPins pins, TlsProfile profile, Wire wire, Codec codec) {
        PinnedTools tools = new PinnedTools(pins, change -> {
            AuditEvent event = new AuditEvent.ToolChanged(
                    profile.clock().instant(),
                    pins.server(),
                    change.name(),
                    change.kind().reason(),
                    change.kind().why(),
                    change.pinnedDigest(),
                    change.offeredDigest());
            profile.audit().record(event);
        });
        return new PinGuard(
                tools,
                codec,
                wire.endpoint(),
                () -> wire.lastConnection()
                        .map(connection -> connection.peer().identity().text()));
    }

    /** Sends a message; fails with {@link ToolWithheld} instead of calling a tool that is not as it was approved. */
    Mono<Void> send(Dialect spoken, JSONRPCMessage message) {
        if (message instanceof JSONRPCRequest request && request.method().equals(Method.TOOLS_LIST.text())) {
            return list(spoken, request);
        }
        if (message instanceof JSONRPCRequest request && request.method().equals(Method.TOOLS_CALL.text())) {
            String tool = String.valueOf(codec.object(request.params()).get("name"));
            return check(spoken, tool).then(Mono.defer(() -> spoken.send(message)));
        }
        return spoken.send(message);
    }

    private Mono<Void> list(Dialect spoken, JSONRPCRequest request) {
        boolean isFirstPage = codec.object(request.params()).get("cursor") == null;
        lists.put(request.id(), tools.listing(isFirstPage));
        return spoken.send(request).doFinally(ended -> lists.remove(request.id()));
    }

    private Mono<Void> check(Dialect spoken, String tool) {
        return Mono.defer(() -> {
                    if (tools.isChecked(tool) || tools.objection(tool).isPresent()) {
                        return Mono.empty();
                    }
                    return read(spoken, Map.of(), 1);
                })
                .then(Mono.defer(() -> tools.isChecked(tool) ? Mono.empty() : Mono.error(withheld(tool))));
    }

    private RuntimeException withheld(String tool) {
        return tools.objection(tool)
                .or(() -> tools.removed().stream()
                        .filter(change -> change.name().equals(tool))
                        .findFirst())
                .<RuntimeException>map(change -> new ToolWithheld(server, tool, change))
                .orElseGet(() -> unchecked("it changed while it was read; try again"));
    }

    /** Reads the list, page by page. */
    private Mono<Void> read(Dialect spoken, Map<String, Object> params, int page) {
        return Mono.defer(() -> {
            JSONRPCRequest request =
                    new JSONRPCRequest(Method.TOOLS_LIST.text(), OWN + counter.incrementAndGet(), params);
            return list(spoken, request)
                    .then(Mono.defer(() -> next(ownAnswers.remove(request.id()))))
                    .doFinally(ended -> ownAnswers.remove(request.id()))
                    .flatMap(cursor -> page < Dialect.MAX_PAGES
                            ? read(spoken, Map.of("cursor", cursor), page + 1)
                            : Mono.error(unchecked("it has more than " + Dialect.MAX_PAGES + " pages")));
        });
    }

    private Mono<String> next(@Nullable JSONRPCResponse answer) {
        if (answer == null || answer.error() != null) {
            String why = answer == null
                    ? "there was no answer"
                    : String.valueOf(answer.error().message());
            return Mono.error(unchecked(why));
        }
        return Mono.justOrEmpty(
                Codec.text(codec.object(answer.result()), "nextCursor").filter(text -> !text.isEmpty()));
    }

    private UnusableAnswer unchecked(String why) {
        return new UnusableAnswer(server, "cannot hold its list of tools against the pins: " + why, null);
    }

    /**
     * A message from the server as the client may have it; empty for an answer to this guard. Any result with tools counts as a list,
     * and any with instructions as an introduction, whatever it claims to answer.
     */
    Optional<JSONRPCMessage> received(JSONRPCMessage message) {
        if (message instanceof JSONRPCNotification notification
                && notification.method().equals(McpSchema.METHOD_NOTIFICATION_TOOLS_LIST_CHANGED)) {
            tools.listChanged();
        }
        if (!(message instanceof JSONRPCResponse response)) {
            return Optional.of(message);
        }
        JSONRPCResponse screened = screened(response);
        if (response.id() instanceof String id && id.startsWith(OWN)) {
            if (lists.containsKey(id)) {
                ownAnswers.put(id, screened);
            }
            return Optional.empty();
        }
        return Optional.of(screened);
    }

    private JSONRPCResponse screened(JSONRPCResponse response) {
        if (!(response.result() instanceof Map<?, ?> result)
                || !(result.get("tools") instanceof List || result.containsKey("instructions"))) {
            return response;
        }
        identity.get().ifPresent(tools::answeredBy);
        Map<String, Object> object = codec.object(result);
        if (object.containsKey("instructions")) {
            object = tools.introduced(object);
        }
        Long asked = response.id() == null ? null : lists.get(response.id());
        return JSONRPCResponse.result(
                response.id(), tools.listed(object, asked == null ? -1 : asked).result());
    }

    PinnedTools tools() {
        return tools;
    }
}
