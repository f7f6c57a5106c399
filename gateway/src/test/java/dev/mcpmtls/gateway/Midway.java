// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The kinds of exchange that a SIGKILL may meet, each with its client, as {@code midway.mjs} leaves it unfinished. */
enum Midway {
    LIST,
    CALL,
    PROGRESS,
    ASK,
    SUBSCRIPTION,
    RESUMABLE,
    TASK,
    CANCELLED,
    /** Last, because its client is told after a while that the server still starts. */
    INITIALIZE;

    static final String KNOWS_TASKS = """
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
        "io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}\
        """;

    private static final String INITIALIZE_TEXT = """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",\
        "capabilities":{},"clientInfo":{"name":"initialize","version":"1"}}}\
        """;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isModern() {
        return this == TASK;
    }

    /** Whether its client has an answer before the kill: a task, or none at all. */
    boolean isAnswered() {
        return this == TASK || this == CANCELLED;
    }

    /** An exchange in its middle. */
    static final class Exchange {

        final Midway kind;
        final Agent agent;

        /** The messages that the client has received. */
        final List<String> messages = Collections.synchronizedList(new ArrayList<>());

        /** Completes when nothing more will come; exceptionally when the connection broke. */
        final CompletableFuture<Void> over = new CompletableFuture<>();

        Exchange(Midway kind, Agent agent) {
            this.kind = kind;
            this.agent = agent;
        }

        String last() {
            return messages.isEmpty() ? "" : messages.get(messages.size() - 1);
        }

        void awaitOver() throws Exception {
            over.handle((nothing, broken) -> nothing).get(20, TimeUnit.SECONDS);
        }
    }

    /** Something that a client sends, and the messages of its answer. */
    private interface Sending {

        Iterator<String> send() throws IOException, InterruptedException;
    }

    /**
     * Begins one and awaits its middle.
     *
     * @param hasBegun whether the server has noted this
     */
    Exchange begin(Agent agent, Predicate<String> hasBegun) throws Exception {
        Exchange exchange = new Exchange(this, agent);
        if (this != INITIALIZE && !isModern()) {
            agent.initialize();
        }
        String call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"" + text()
                + "\",\"_meta\":{\"progressToken\":\"p\"}}}";
        switch (this) {
            case INITIALIZE -> follow(exchange, () -> answer(agent, INITIALIZE_TEXT));
            case LIST ->
                follow(exchange, () -> answer(agent, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"));
            case CALL -> follow(exchange, () -> answer(agent, call));
            case PROGRESS, ASK -> follow(exchange, () -> agent.stream(call));
            case SUBSCRIPTION -> {
                follow(exchange, agent::listen);
                agent.post(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"file:///a\"}}");
            }
            case RESUMABLE -> {
                agent.stream(call).next();
                follow(exchange, () -> agent.listen("Last-Event-ID", "1-1"));
            }
            case TASK -> follow(exchange, () -> answer(agent, TASK_CALL, Agent.modernHeaders("tools/call", "task")));
            case CANCELLED -> {
                follow(exchange, () -> agent.stream(call));
                require(hasBegun, "run cancelled");
                agent.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
                require(hasBegun, "cancelled");
            }
        }
        require(hasBegun, "run " + text());
        if (isAnswered()) {
            exchange.over.get(20, TimeUnit.SECONDS);
        }
        if (this == PROGRESS || this == ASK || this == RESUMABLE) {
            require(message -> !exchange.messages.isEmpty(), "a message");
        }
        return exchange;
    }

    private static final String TASK_CALL = """
        {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"task","arguments":{},%s}}\
        """.formatted(KNOWS_TASKS);

    private static Iterator<String> answer(Agent agent, String body, String... headers)
            throws IOException, InterruptedException {
        String text = agent.post(body, headers).text();
        return (text.isEmpty() ? List.<String>of() : List.of(text)).iterator();
    }

    private static void follow(Exchange exchange, Sending sending) {
        Thread thread = new Thread(() -> {
            try {
                sending.send().forEachRemaining(exchange.messages::add);
                exchange.over.complete(null);
            } catch (Exception broken) {
                exchange.over.completeExceptionally(broken);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void require(Predicate<String> condition, String of) {
        if (!Front.comesTrue(() -> condition.test(of))) {
            throw new AssertionError("the server has not come to: " + of);
        }
    }
}
