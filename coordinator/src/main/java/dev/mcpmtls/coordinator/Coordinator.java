// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.coordinator.Answer.Step;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The agent: asks the servers for their tools, plans, makes all calls at once and combines the results into one answer. A
 * failed part does not affect the others; the answer gives its cause and remedy. Connections are kept for the next question.
 * Thread-safe.
 */
public final class Coordinator implements AutoCloseable {

    private final Planner planner;
    private final List<ToolServer> servers;
    private final AuditSink audit;

    /**
     * A coordinator that keeps no record.
     *
     * @param servers the servers; if two offer the same tool, the first is used. They are closed with the coordinator
     */
    public Coordinator(Planner planner, List<ToolServer> servers) {
        this(planner, servers, AuditSink.none());
    }

    /** As the other; the sink gets a record of each call that a language model decides on. */
    public Coordinator(Planner planner, List<ToolServer> servers, AuditSink audit) {
        this.planner = planner;
        this.servers = List.copyOf(servers);
        this.audit = audit;
    }

    /**
     * Answers a question.
     *
     * @param timeout for the whole answer; half of it may go to the servers' lists of tools
     * @return always an answer, which includes failures
     */
    public Answer ask(String question, Duration timeout) {
        long start = System.nanoTime();
        Offers offers = Offers.of(servers, timeout.dividedBy(2));
        Planner.Planning planning = planner.begin(question, offers.tools());
        List<PlannedCall> calls = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        List<Step> results = List.of();
        Plan plan;
        do {
            plan = planning.next(results, timeout.minusNanos(System.nanoTime() - start));
            Duration left = timeout.minusNanos(System.nanoTime() - start);
            List<CompletableFuture<Step>> running =
                    plan.calls().stream().map(call -> step(call, offers, left)).toList();
            results = running.stream().map(CompletableFuture::join).toList();
            calls.addAll(plan.calls());
            steps.addAll(results);
        } while (!plan.isLast());
        List<String> conclusions = plan.conclusion().conclude(results(calls, steps));
        return Answer.of(question, steps, conclusions, plan, millisSince(start));
    }

    /**
     * Servers do not list what we may not use: called nevertheless, they say whether that is why, and record it. A model's plan is not sent
     * to servers that do not offer the tool.
     */
    private CompletableFuture<Failure> whyMissing(PlannedCall call, Offers offers, Duration timeout) {
        Failure missing = offers.whyMissing(call.tool());
        if (!offers.isUnlisted(call.tool()) || planner.model().isPresent()) {
            return CompletableFuture.completedFuture(missing);
        }
        List<CompletableFuture<Boolean>> denials = servers.stream()
                .map(server -> server.call(call.tool(), call.arguments())
                        .orTimeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS)
                        .handle((result, thrown) ->
                                thrown != null && Failure.of(server, thrown).outcome() == Outcome.DENIED))
                .toList();
        return CompletableFuture.allOf(denials.toArray(CompletableFuture[]::new))
                .thenApply(done -> denials.stream().anyMatch(CompletableFuture::join)
                        ? new Failure(
                                Outcome.DENIED,
                                "no server permits us the tool " + call.tool() + "; ask its operator for permission")
                        : missing);
    }

    private CompletableFuture<Step> step(PlannedCall call, Offers offers, Duration timeout) {
        ToolServer server = offers.serverOf(call.tool());
        if (server == null) {
            return whyMissing(call, offers, timeout).thenApply(failure -> failed(call, null, failure, 0));
        }
        planner.model()
                .ifPresent(model ->
                        audit.record(new AuditEvent.CallPlanned(Instant.now(), model, server.name(), call.tool())));
        long start = System.nanoTime();
        return server.call(call.tool(), call.arguments())
                .orTimeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS)
                .handle((result, failure) -> result == null
                        ? failed(call, server, Failure.of(server, failure), millisSince(start))
                        : answered(call, server, result, millisSince(start)));
    }

    private static Step answered(PlannedCall call, ToolServer server, CallToolResult result, long millis) {
        boolean failed = Boolean.TRUE.equals(result.isError());
        String text = result.content().stream()
                .filter(TextContent.class::isInstance)
                .map(content -> ((TextContent) content).text())
                .collect(Collectors.joining("\n"));
        return new Step(
                call.subject(),
                server.name(),
                call.tool(),
                call.arguments(),
                failed ? Outcome.TOOL_FAILED : Outcome.ANSWERED,
                text,
                result.structuredContent(),
                millis,
                server.peer().orElse(null));
    }

    private static Step failed(PlannedCall call, @Nullable ToolServer server, Failure failure, long millis) {
        return new Step(
                call.subject(),
                server == null ? null : server.name(),
                call.tool(),
                call.arguments(),
                failure.outcome(),
                failure.message(),
                null,
                millis,
                server == null ? null : server.peer().orElse(null));
    }

    @SuppressWarnings("unchecked") // structured content is a JSON object
    private static Map<PlannedCall, Map<String, Object>> results(List<PlannedCall> calls, List<Step> steps) {
        Map<PlannedCall, Map<String, Object>> results = new LinkedHashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).outcome() == Outcome.ANSWERED && steps.get(i).structured() instanceof Map<?, ?> content) {
                results.put(calls.get(i), (Map<String, Object>) content);
            }
        }
        return results;
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    @Override
    public void close() {
        servers.forEach(ToolServer::close);
    }
}
