// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import static dev.mcpmtls.console.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.RejectionsSummarised;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.console.Events;
import dev.mcpmtls.trust.Peer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final Peer COORDINATOR = Events.peer("coordinator");
    private static final Peer PLANNER = Events.peer("planner");
    private static final String NAME = "spiffe://test.example/agent/coordinator";

    private final Tally tally = new Tally();

    @Test
    void countsCallsByEdgeAndOutcome() {
        Decision shadowed = new Decision.Permit(Optional.empty(), Optional.of(new Decision.Deny("no")), List.of());
        Decision tooMany = new Decision.Deny("no", Optional.of("r"), Optional.of(Duration.ofSeconds(1)), List.of());
        call("getForecast", Events.permitted("r"));
        call("getForecast", Events.permitted("r"));
        call("getForecast", Events.denied());
        call("getForecast", shadowed);
        call("getForecast", tooMany);

        EdgeCount edge = tally.edges(Window.FIVE_MINUTES, NOW).get(0);

        assertThat(edge.edge()).isEqualTo(new Edge(NAME, "weather-mcp", "tools/call", "getForecast"));
        assertThat(edge.calls()).isEqualTo(5);
        assertThat(edge.outcomes())
                .isEqualTo(Map.of(
                        CallOutcome.PERMITTED,
                        2L,
                        CallOutcome.DENIED,
                        1L,
                        CallOutcome.WOULD_BE_DENIED,
                        1L,
                        CallOutcome.RATE_LIMITED,
                        1L));
        assertThat(tally.rule("r").orElseThrow().count(CallOutcome.PERMITTED)).isEqualTo(2);
        assertThat(tally.byDefault().orElseThrow().count(CallOutcome.DENIED)).isEqualTo(1);
        assertThat(tally.rule("another")).isEmpty();
    }

    @Test
    void onePeerThatInventsToolsCrowdsOutNobody() {
        for (int i = 0; i < 3 * Calls.MOST_OF_A_PEER; i++) {
            call("invented-" + i, Events.denied());
        }
        tally.add("weather-mcp", Events.called(PLANNER, "getForecast", Events.permitted("r"), NOW));

        List<EdgeCount> edges = tally.edges(Window.FIVE_MINUTES, NOW);

        assertThat(edges).hasSize(Calls.MOST_OF_A_PEER + 2);
        assertThat(edges.get(0).edge()).isEqualTo(new Edge(NAME, "weather-mcp", "tools/call", Edge.OTHERS));
        assertThat(edges.get(0).calls()).isEqualTo(2 * Calls.MOST_OF_A_PEER);
        assertThat(edges).anyMatch(edge -> edge.edge().target().equals("getForecast"));
    }

    @Test
    void edgesOfTwoDaysAgoMakeRoom() {
        Calls calls = new Calls();
        for (int peer = 0; peer < Calls.MOST / Calls.MOST_OF_A_PEER; peer++) {
            Peer its = Events.peer("agent-" + peer);
            for (int tool = 0; tool < Calls.MOST_OF_A_PEER; tool++) {
                calls.add(decided(its, "tool-" + tool, NOW), CallOutcome.DENIED);
            }
        }
        assertThat(calls.size()).isEqualTo(Calls.MOST);
        calls.add(decided(PLANNER, "getForecast", NOW), CallOutcome.DENIED);
        assertThat(calls.in(Window.DAY, NOW))
                .anyMatch(edge -> edge.edge().peer().equals(Edge.OTHERS));

        Instant later = NOW.plus(Duration.ofDays(2));
        calls.add(decided(PLANNER, "getForecast", later), CallOutcome.DENIED);

        assertThat(calls.size()).isEqualTo(1);
        assertThat(calls.in(Window.DAY, later).get(0).edge().peer()).isEqualTo("spiffe://test.example/agent/planner");
    }

    private static AuditEvent.CallDecided decided(Peer peer, String tool, Instant at) {
        return (AuditEvent.CallDecided) Events.called(peer, tool, Events.denied(), at);
    }

    @Test
    void strangersNamesAreBoundedAndTheirReasonsStay() {
        for (int i = 0; i < Refusals.MOST + 50; i++) {
            tally.add("server-" + i, Events.failed("NOT_TLS", NOW));
        }
        tally.add("weather-mcp", Events.rejected("spiffe://test.example/agent/laptop-7", NOW));

        assertThat(tally.refusals(Window.FIVE_MINUTES, NOW))
                .anyMatch(refusal -> refusal.reason().equals("UNTRUSTED_ISSUER")
                        && refusal.peer().equals(Edge.OTHERS));
    }

    @Test
    void aRefusedCertificateCountsUnderTheNameThatItClaims() {
        tally.add("weather-mcp", Events.rejected("spiffe://test.example/agent/laptop-7", NOW));

        Refusal refusal = tally.refusals(Window.FIVE_MINUTES, NOW).get(0);

        assertThat(refusal.peer()).isEqualTo("spiffe://test.example/agent/laptop-7");
        assertThat(refusal.reason()).isEqualTo("UNTRUSTED_ISSUER");
        assertThat(refusal.lastConnection()).isEqualTo("0123456789abcdef");
        assertThat(tally.edges(Window.FIVE_MINUTES, NOW)).isEmpty();
        assertThat(tally.peers()).isEmpty();
    }

    @Test
    void rejectionsThatWereSummedUpCountAsMany() {
        tally.add(
                "weather-mcp",
                new RejectionsSummarised(NOW, NOW.minusSeconds(60), 500, Map.of("EXPIRED", 500L), Map.of("::1", 500L)));

        assertThat(tally.handshakes(HandshakeOutcome.REJECTED, Window.FIVE_MINUTES, NOW))
                .endsWith(500L);
        assertThat(tally.refusals(Window.FIVE_MINUTES, NOW).get(0).count()).isEqualTo(500);
    }

    @Test
    void toolsBeyondTheBoundShareOneDistribution() {
        for (int i = 0; i < Tally.MOST_TOOLS + 100; i++) {
            tally.ended(Events.call("tool-" + i), Duration.ofMillis(1), NOW);
        }

        assertThat(tally.latencies(Window.FIVE_MINUTES, NOW)).hasSize(Tally.MOST_TOOLS + 1);
        assertThat(tally.latencies(Window.FIVE_MINUTES, NOW).get(0).target()).isEqualTo(Edge.OTHERS);
    }

    @Test
    void theSamePeerIsSeenOnce() {
        tally.add("weather-mcp", Events.accepted(COORDINATOR, NOW));
        tally.add("echo-mcp", Events.accepted(COORDINATOR, NOW.plusSeconds(1)));

        SeenPeer seen = tally.peers().get(0);

        assertThat(tally.peers()).hasSize(1);
        assertThat(seen.name()).isEqualTo(NAME);
        assertThat(seen.servers()).containsExactly("echo-mcp", "weather-mcp");
        assertThat(seen.connections()).isEqualTo(2);
    }

    private void call(String tool, Decision decision) {
        tally.add("weather-mcp", Events.called(COORDINATOR, tool, decision, NOW));
    }
}
