// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.session.SessionIds;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Several servers that appear as one. A member that is down takes nothing away from the others. Thread-safe. */
public final class CombinedBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(CombinedBackend.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final List<String> LISTED = List.of("tools", "prompts", "resources");

    private final String name;
    private final Map<String, Backend> members;
    private final Routes routes;

    /**
     * A combination.
     *
     * @param name of its entry
     * @param members by the names of their entries, in the order of their items
     * @throws IllegalArgumentException when a member's name could be confused with another's behind {@code __}
     */
    public CombinedBackend(String name, Map<String, Backend> members) {
        this.name = name;
        this.members = new LinkedHashMap<>(members);
        members.keySet().stream()
                .filter(member -> !isMember(member))
                .findFirst()
                .ifPresent(member -> {
                    throw new IllegalArgumentException(
                            "the name of a combined server must not hold '__' or end with '_': " + member);
                });
        this.routes = new Routes(List.copyOf(this.members.keySet()));
    }

    /** Whether an entry of this name can be combined with others. */
    public static boolean isMember(String entry) {
        return Routes.isMember(entry);
    }

    /** The rules as they apply here: to the members, under their own names. */
    public AccessPolicy over(AccessPolicy rules) {
        return new CombinedPolicy(rules, routes);
    }

    @Override
    public Description describe() {
        Map<String, Object> capabilities = Map.of();
        StringBuilder instructions = new StringBuilder();
        for (Map.Entry<String, Backend> member : members.entrySet()) {
            Description one = member.getValue().describe();
            capabilities = merged(capabilities, one.capabilities());
            add(instructions, member.getKey(), one.instructions());
        }
        return new Description(
                name,
                Map.of("name", name, "version", ""),
                changing(capabilities),
                instructions.isEmpty() ? null : instructions.toString());
    }

    private static void add(StringBuilder instructions, String member, @org.jspecify.annotations.Nullable Object text) {
        if (text instanceof String own && !own.isEmpty()) {
            instructions
                    .append(instructions.isEmpty() ? "" : "\n\n")
                    .append("Tools and prompts that begin with ")
                    .append(Routes.outer(member, ""))
                    .append(":\n")
                    .append(own);
        }
    }

    /** One answer to {@code initialize} of those of members. */
    private Response introduction(Request initialize, Map<String, Response> answers) {
        Map<String, Object> capabilities = Map.of();
        StringBuilder instructions = new StringBuilder();
        for (Map.Entry<String, Response> answer : answers.entrySet()) {
            Map<String, Object> result =
                    JsonRpcMessage.object(answer.getValue().whole().get("result"));
            capabilities = merged(capabilities, JsonRpcMessage.object(result.get("capabilities")));
            add(instructions, answer.getKey(), result.get("instructions"));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("protocolVersion", "");
        result.put("capabilities", changing(capabilities));
        result.put("serverInfo", Map.of("name", name, "version", ""));
        if (!instructions.isEmpty()) {
            result.put("instructions", instructions.toString());
        }
        Response made = Messages.result(initialize.id(), Messages.json(result));
        String own = JsonText.find(Messages.text(initialize), "id").orElseThrow();
        return new Response(initialize.id(), made.whole(), JsonText.set(Messages.text(made), own, "id"));
    }

    /** Everything that either offers. */
    private static Map<String, Object> merged(Map<String, Object> one, Map<String, Object> other) {
        Map<String, Object> merged = new LinkedHashMap<>(one);
        other.forEach((name, value) -> merged.merge(name, value, (before, more) -> {
            if (before instanceof Map && more instanceof Map) {
                return merged(JsonRpcMessage.object(before), JsonRpcMessage.object(more));
            }
            return Boolean.TRUE.equals(more) ? more : before;
        }));
        return merged;
    }

    /** A list changes when a member comes or goes. */
    private static Map<String, Object> changing(Map<String, Object> capabilities) {
        Map<String, Object> changing = new LinkedHashMap<>(capabilities);
        for (String listed : LISTED) {
            changing.computeIfPresent(
                    listed, (kind, declared) -> merged(JsonRpcMessage.object(declared), Map.of("listChanged", true)));
        }
        return changing;
    }

    @Override
    public Mono<Void> prepare(Caller caller) {
        return Flux.fromIterable(members.entrySet())
                .flatMap(member -> member.getValue()
                        .prepare(caller)
                        .timeout(PATIENCE)
                        .doOnError(failure -> isDown(member.getKey(), failure))
                        .onErrorComplete())
                .then();
    }

    static void isDown(String member, Throwable failure) {
        LOG.debug("the server {} is left out: {}", member, Printable.clean(String.valueOf(failure.getMessage())));
    }

    @Override
    public boolean answers(String method) {
        return Method.of(method).filter(Method::isModern).isPresent();
    }

    @Override
    public boolean conductsRounds() {
        return true;
    }

    @Override
    public BackendSession open(Opening opening) {
        Map<String, BackendSession> sessions = new LinkedHashMap<>();
        members.forEach((member, backend) -> sessions.put(member, backend.open(opening)));
        Request initialize = opening.initialize();
        return new CombinedSession(SessionIds.next(), opening.caller(), routes, sessions, answers -> {
            if (initialize == null) {
                throw new IllegalStateException("a modern request is not welcomed");
            }
            return introduction(initialize, answers);
        });
    }

    @Override
    public Mono<List<Mirrored>> mirrored(Caller caller, String tool) {
        return routes.named(tool)
                .map(target -> java.util.Objects.requireNonNull(members.get(target.member()))
                        .mirrored(caller, target.name()))
                .orElse(Mono.just(List.of()));
    }

    @Override
    public RefusedException refusal(Request request, Throwable failure) {
        return failure instanceof UpstreamFailure known ? known.refusal() : RefusedException.of(failure);
    }
}
