// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Both eras over a backend that is not the SDK's. */
class BackendIT {

    private static final String CALL = """
        {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","arguments":{},"_meta":{"progressToken":"p"}}}\
        """;

    private static final String CHANGED = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}";

    private final InMemoryBackend backend = new InMemoryBackend();
    private final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();
    private final Running running = Station.running(backend, events);
    private final Agent alice = new Agent(
            URI.create("https://localhost:" + running.address().getPort() + "/mcp"), Station.context("alice"));

    @AfterEach
    void close() {
        running.shutdown(Duration.ZERO).join();
    }

    @Test
    void reportsProgressAndAsksOnTheStreamOfALegacySession() throws Exception {
        String session = alice.initialize();
        Iterator<String> lines = alice.stream(alice.legacy(session, CALL)).iterator();

        assertThat(next(lines).at("/params/progressToken").asString()).isEqualTo("p");
        JsonNode question = next(lines);
        assertThat(question.at("/method").asString()).isEqualTo("elicitation/create");
        Answer accepted = alice.send(
                alice.legacy(session, """
                    {"jsonrpc":"2.0","id":"%s","result":{"action":"accept","content":{"word":"hello"}}}\
                    """.formatted(question.at("/id").asString())));

        assertThat(accepted.status()).isEqualTo(202);
        assertThat(next(lines).at("/result/content/0/text").asString())
                .isEqualTo("hello for spiffe://demo.local/agent/alice");
        assertThat(events)
                .anyMatch(event -> event instanceof AuditEvent.CallDecided decided
                        && decided.call().server().equals("memory"));
    }

    @Test
    void refusesAnAnswerToWhatWasNotAsked() throws Exception {
        Answer refused = alice.send(alice.legacy(alice.initialize(), """
            {"jsonrpc":"2.0","id":"none","result":{}}\
            """));

        assertThat(refused.status()).isEqualTo(400);
    }

    @Test
    void closesASessionThatTheLimitRefuses() throws Exception {
        InMemoryBackend small = new InMemoryBackend();
        Running one = Station.running(
                small,
                events,
                settings ->
                        settings.limits(Limits.builder().sessionsPerIdentity(1).build()));
        try {
            Agent carol = new Agent(
                    URI.create("https://localhost:" + one.address().getPort() + "/mcp"), Station.context("carol"));
            String first = carol.initialize();
            var unused = carol.stream(carol.request("Mcp-Session-Id", first).GET())
                    .iterator()
                    .next(); // so that it is not idle
            assertThat(carol.initialize("2025-11-25").status()).isEqualTo(429);
            assertThat(small.open).hasValue(1);
        } finally {
            one.shutdown(Duration.ZERO).join();
        }
    }

    @Test
    void reportsProgressAndAsksInRoundsInTheModernEra() throws Exception {
        Answer first = alice.send(alice.modern("tools/call", "a", "\"name\":\"a\",\"arguments\":{}"));

        assertThat(first.json().at("/result/resultType").asString()).isEqualTo("input_required");
        JsonNode requests = first.json().at("/result/inputRequests");
        String key = requests.propertyNames().iterator().next();
        assertThat(requests.get(key).at("/method").asString()).isEqualTo("elicitation/create");
        String state = first.json().at("/result/requestState").asString();
        String meta = Agent.META.replace("_meta\":{", "_meta\":{\"progressToken\":\"p\",");
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{},"requestState":"%s",\
            "inputResponses":{"%s":{"action":"accept","content":{"word":"hello"}}},%s}}\
            """.formatted(state, key, meta);
        Answer second = alice.send(alice.modern("tools/call", "a", "").POST(HttpRequest.BodyPublishers.ofString(body)));

        assertThat(second.events().get(0).at("/params/progressToken").asString())
                .isEqualTo("p");
        JsonNode last = second.events().get(1);
        assertThat(last.at("/result/content/0/text").asString()).isEqualTo("hello for spiffe://demo.local/agent/alice");
        assertThat(last.at("/result/_meta/seen").asBoolean()).isTrue();
    }

    @Test
    void listsInAStableOrder() throws Exception {
        Answer listed = alice.send(alice.modern("tools/list", "", ""));

        assertThat(listed.json().at("/result/tools/0/name").asString()).isEqualTo("a");
        assertThat(listed.json().at("/result/cacheScope").asString()).isEqualTo("private");
    }

    @Test
    void handsTheBackendTheMessageAsItCame() throws Exception {
        String text = """
            { "jsonrpc":"2.0", "method":"tools/list", "id":1 }\
            """;

        alice.send(alice.legacy(alice.initialize(), text));

        assertThat(backend.texts).containsExactly(text);
    }

    @Test
    void acceptsANotificationWhenTheBackendHasTakenIt() throws Exception {
        AtomicBoolean taken = new AtomicBoolean();
        backend.noticing = Mono.delay(Duration.ofMillis(50)).then(Mono.fromRunnable(() -> taken.set(true)));
        String session = alice.initialize();

        long sent = System.nanoTime();
        Answer accepted = alice.send(alice.legacy(session, CHANGED));

        assertThat(accepted.status()).isEqualTo(202);
        boolean isImpatient = System.nanoTime() - sent > Duration.ofMillis(500).toNanos();
        assertThat(taken.get() || isImpatient).isTrue();
    }

    @Test
    void doesNotAwaitABackendThatNeverEndsWithANotification() throws Exception {
        backend.noticing = Mono.never();

        assertThat(alice.send(alice.legacy(alice.initialize(), CHANGED)).status())
                .isEqualTo(202);
    }

    @Test
    void refusesANotificationThatTheBackendCannotTake() throws Exception {
        backend.noticing = Mono.error(new RefusedException(200, 502, "the server has ended"));

        Answer refused = alice.send(alice.legacy(alice.initialize(), CHANGED));

        assertThat(refused.status()).isEqualTo(502);
        assertThat(refused.json().at("/error/message").asString()).isEqualTo("the server has ended");
        backend.noticing = Mono.error(new IllegalStateException("the handler fails, which its client need not know"));
        assertThat(alice.send(alice.legacy(alice.initialize(), CHANGED)).status())
                .isEqualTo(202);
    }

    private static JsonNode next(Iterator<String> lines) {
        while (true) {
            String line = lines.next();
            if (line.startsWith("data: {")) {
                return Agent.JSON.readTree(line.substring(6));
            }
        }
    }
}
