// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.transport.server.caller.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions of two replicas that share a key. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SealedSessionIT {

    private static final byte[] KEY =
            "0123456789abcdef0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final byte[] OTHER =
            "another key, which has 32 bytes.".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private static final Executor AS_A_DISK = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

    private static Front replica(Recorder upstream, byte[] key) {
        return replica(upstream, key, Limits.defaults().sessionsPerIdentity());
    }

    private static Front replica(Recorder upstream, byte[] key, int sessions) {
        return Front.of(
                gateway -> gateway.url(
                        "crm",
                        upstream.url(),
                        Map::of,
                        Optional.empty(),
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(30)),
                settings -> settings.stateKey(key)
                        .audit(event -> CompletableFuture.runAsync(() -> {}, AS_A_DISK))
                        .limits(Limits.builder().sessionsPerIdentity(sessions).build()));
    }

    @Test
    void aReplicaWithTheKeyGoesOnWithASessionAndOneWithoutDoesNot() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front one = replica(upstream, KEY);
                Front two = replica(upstream, KEY);
                Front stranger = replica(upstream, OTHER)) {
            String token = one.agent("alice").initialize().session();

            Agent alice = two.agent("alice");
            alice.use(token);
            assertThat(alice.call("say").said()).contains("tools/call");
            assertThat(upstream.with("tools/call").get(0).header("mcp-session-id"))
                    .isEqualTo("upstream-session");
            assertThat(upstream.with("\"initialize\"")).hasSize(1);

            Agent bob = two.agent("bob");
            bob.use(token);
            assertThat(bob.call("say").status()).isEqualTo(404);
            Agent lost = stranger.agent("alice");
            lost.use(token);
            assertThat(lost.call("say").status()).isEqualTo(404);
        }
    }

    /** By a stop, and for another session of its owner: both may happen while it is in use at the other. */
    @Test
    void aSessionThatOneReplicaLetsGoOfLivesOnAtTheOther() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front two = replica(upstream, KEY)) {
            Front one = replica(upstream, KEY, 1);
            String token = one.agent("alice").initialize().session();
            one.agent("alice").initialize();
            Agent again = one.agent("alice");
            again.use(token);
            assertThat(again.call("say").said()).contains("tools/call");
            one.close();

            Agent alice = two.agent("alice");
            alice.use(token);
            assertThat(alice.call("say").said()).contains("tools/call");
            assertThat(upstream.received).noneMatch(request -> request.method().equals("DELETE"));
            assertThat(alice.delete().status()).isEqualTo(204);
            assertThat(Front.comesTrue(() -> upstream.received.stream()
                            .anyMatch(request -> request.method().equals("DELETE"))))
                    .isTrue();
            assertThat(upstream.with("\"initialize\"")).hasSize(2);
        }
    }

    /** Each would otherwise take a place that is never given back. */
    @Test
    void concurrentRequestsTakeASessionUpOnce() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front one = replica(upstream, KEY);
                Front two = replica(upstream, KEY, 8)) {
            String token = one.agent("alice").initialize().session();
            Agent alice = two.agent("alice");
            alice.use(token);
            List<CompletableFuture<Agent.Answer>> calls = IntStream.range(0, 8)
                    .mapToObj(id -> alice.postAsync(
                            "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/list\"}",
                            "MCP-Protocol-Version",
                            "2025-11-25"))
                    .toList();
            assertThat(calls).allMatch(call -> call.join().status() == 200);
            for (int others = 0; others < 7; others++) {
                two.agent("alice").initialize();
            }
            assertThat(two.openSessions()).isEqualTo(8);
        }
    }

    @Test
    void anAlteredOrDeletedTokenIsUnknown() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = replica(upstream, KEY)) {
            Agent alice = front.agent("alice");
            String token = alice.initialize().session();
            char last = token.charAt(token.length() / 2);
            alice.use(token.replace(last, last == 'A' ? 'B' : 'A'));
            String unknown = alice.call("say").body();
            assertThat(unknown).contains("there is no such session");

            alice.use(token);
            assertThat(alice.delete().status()).isEqualTo(204);
            assertThat(alice.call("say").body()).isEqualTo(unknown);
        }
    }

    @Test
    void aSessionOfAProcessStaysWhereItIs() throws Exception {
        try (Front one = Front.command(ProcessMode.PER_SESSION, 2, Map.of(), KEY);
                Front two = Front.command(ProcessMode.PER_SESSION, 2, Map.of(), KEY)) {
            Agent alice = two.agent("alice");
            alice.use(one.agent("alice").initialize().session());
            assertThat(alice.call("say").status()).isEqualTo(404);
        }
    }
}
