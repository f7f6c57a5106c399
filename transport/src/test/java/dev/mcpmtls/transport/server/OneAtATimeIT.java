// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.caller.Limits;
import io.modelcontextprotocol.server.McpServer.StreamableSyncSpecification;
import io.modelcontextprotocol.server.McpServer.SyncSpecification;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that may have one request in flight, on connections that are served by different event loops. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OneAtATimeIT {

    private static final int ROUNDS = 60;

    private static CountDownLatch entered;
    private static Station station;
    private static List<Agent> connections;

    @BeforeAll
    static void open() {
        entered = new CountDownLatch(1);
        UnaryOperator<SyncSpecification<StreamableSyncSpecification>> tools =
                server -> Station.stuck(entered, new CountDownLatch(1))
                        .apply(Station.who().apply(server));
        station = Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(1).build()),
                tools);
        connections = List.of(station.agent("alice"), station.agent("alice"), station.agent("alice"));
    }

    @AfterAll
    static void close() throws Exception {
        station.close();
    }

    @Test
    void answersEveryModernRequestOfAClientThatWaitsForItsAnswers() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            Agent alice = connections.get(i % connections.size());
            assertThat(alice.send(alice.modernCall("who", "")).status()).isEqualTo(200);
            assertThat(alice.send(alice.modern("tools/list", "", "")).status()).isEqualTo(200);
            assertThat(alice.send(alice.modern("server/discover", "", "")).status())
                    .isEqualTo(200);
            assertThat(alice.send(alice.modernCall("none", "")).status()).isEqualTo(200);
        }
    }

    @Test
    void answersEveryLegacyRequestOfAClientThatWaitsForItsAnswers() throws Exception {
        String session = connections.get(0).initialize();
        String initialized = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
        for (int i = 0; i < ROUNDS; i++) {
            Agent alice = connections.get(i % connections.size());
            assertThat(alice.send(alice.legacy(session, initialized)).status()).isEqualTo(202);
            assertThat(alice.send(alice.legacy(session, Agent.call(1, "who"))).status())
                    .isEqualTo(200);
            assertThat(alice.send(alice.legacy(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"))
                            .status())
                    .isEqualTo(200);
            assertThat(alice.send(alice.legacy(session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"))
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesASecondRequestBesideTheFirst() throws Exception {
        Agent mallory = station.agent("mallory");
        CompletableFuture<Agent.Answer> first = mallory.sendAsync(mallory.modernCall("stuck", ""));
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(mallory.send(mallory.modernCall("who", "")).status()).isEqualTo(429);
        assertThat(first).isNotDone();
    }
}
