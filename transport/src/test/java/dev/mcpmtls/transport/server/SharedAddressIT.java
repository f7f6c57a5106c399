// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.http.CannotListenException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers at one address, each on its path with its own rules, sessions and records. */
@Timeout(60)
class SharedAddressIT {

    private final InMemoryBackend files = new InMemoryBackend();
    private final InMemoryBackend crm = new InMemoryBackend();
    private final Queue<AuditEvent> ofFiles = new ConcurrentLinkedQueue<>();
    private final Queue<AuditEvent> ofCrm = new ConcurrentLinkedQueue<>();
    private final MtlsServerTransport first = Station.transport(
            settings -> settings.path("/mcp").name("files").backend(files).audit(event -> recorded(ofFiles, event)));
    private final MtlsServerTransport second = beside("/crm", crm);

    private MtlsServerTransport beside(String path, InMemoryBackend backend) {
        return MtlsServerTransport.builder()
                .beside(first)
                .path(path)
                .name("crm")
                .backend(backend)
                .audit(event -> recorded(ofCrm, event))
                .accessPolicy((peer, call) -> new Decision.Deny("not today"))
                .build();
    }

    private static CompletableFuture<Void> recorded(Queue<AuditEvent> events, AuditEvent event) {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    }

    @BeforeEach
    void start() {
        first.start();
        second.start();
    }

    @AfterEach
    void close() {
        CompletableFuture.allOf(first.shutdown(Duration.ZERO), second.shutdown(Duration.ZERO))
                .join();
    }

    private Agent at(String path) {
        return new Agent(URI.create("https://localhost:" + first.address().getPort() + path), Station.context("alice"));
    }

    @Test
    void eachPathHasItsOwnServerRulesAndRecords() throws Exception {
        Answer answered = call(at("/mcp"));
        Answer denied = call(at("/crm"));

        assertThat(answered.json().at("/result/resultType").asString()).isEqualTo("input_required");
        assertThat(denied.status()).isEqualTo(403);
        assertThat(files.texts).hasSize(1);
        assertThat(crm.texts).isEmpty();
        assertThat(decisions(ofFiles)).singleElement().isInstanceOf(Decision.Permit.class);
        assertThat(decisions(ofCrm)).singleElement().isInstanceOf(Decision.Deny.class);
    }

    @Test
    void theSessionOfOnePathIsUnknownAtTheOther() throws Exception {
        String session = at("/mcp").initialize();
        String list = """
            {"jsonrpc":"2.0","id":1,"method":"tools/list"}\
            """;

        assertThat(at("/mcp").send(at("/mcp").legacy(session, list)).status()).isEqualTo(200);
        assertThat(at("/crm").send(at("/crm").legacy(session, list)).status()).isEqualTo(404);
    }

    @Test
    void anotherPathHasNothing() throws Exception {
        assertThat(call(at("/other")).status()).isEqualTo(404);
        assertThat(call(at("/crm/")).status()).isEqualTo(404);
    }

    @Test
    void aServerThatIsShutDownTakesItsPathAwayAndLeavesTheOther() throws Exception {
        assertThat(call(at("/crm")).status()).isEqualTo(403);
        second.shutdown(Duration.ofSeconds(5)).join();
        assertThat(call(at("/crm")).status()).isEqualTo(404);
        assertThat(call(at("/mcp")).status()).isEqualTo(200);

        MtlsServerTransport again = beside("/crm", new InMemoryBackend());
        again.start();
        assertThat(call(at("/crm")).status()).isEqualTo(403);
        again.shutdown(Duration.ZERO).join();
    }

    @Test
    void aPathIsTakenOnce() {
        MtlsServerTransport third = beside("/crm", new InMemoryBackend());

        assertThatThrownBy(third::start)
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("/crm");
    }

    private static List<Decision> decisions(Queue<AuditEvent> events) {
        return events.stream()
                .filter(AuditEvent.CallDecided.class::isInstance)
                .map(event -> ((AuditEvent.CallDecided) event).decision())
                .toList();
    }

    private static Answer call(Agent agent) throws Exception {
        return agent.send(agent.modern("tools/call", "a", "\"name\":\"a\",\"arguments\":{}"));
    }
}
