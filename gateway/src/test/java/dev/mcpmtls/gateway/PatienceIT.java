// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.process.ServerCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How long a server may be silent, unused or starting. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PatienceIT {

    @TempDir
    Path directory;

    private static Front front(Duration idle, Duration timeout, Map<String, String> env) {
        ServerCommand command = new ServerCommand(
                List.of("node", Front.fixture("server.mjs").toString()), env, Set.of(), Optional.empty());
        return Front.of(gateway ->
                gateway.command("files", command, new ProcessOptions(ProcessMode.PER_SESSION, 4, idle, timeout)));
    }

    private static Front front(Recorder upstream, Duration idle, Duration timeout) {
        return Front.of(gateway -> gateway.url("crm", upstream.url(), Map::of, Optional.empty(), idle, timeout));
    }

    private static Answer called(Agent agent, String tool) {
        try {
            return agent.call(tool);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aSilentCallEndsWithAClearErrorAndIsCancelledAtTheServer() throws Exception {
        try (Front front = front(Duration.ofMinutes(5), Duration.ofSeconds(2), Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer late = alice.call("slow");
            assertThat(late.status()).isEqualTo(200);
            assertThat(late.json().at("/error/code").asInt()).isEqualTo(504);
            assertThat(late.json().at("/error/message").asString())
                    .isEqualTo("the server files did not answer within 2 s; the call may have run");
            assertThat(called(alice, "state").text()).contains("\"reason\":\"timed out\"");

            Answer modern = front.agent("bob").modernCall("slow", "");
            assertThat(modern.status()).isEqualTo(200);
            assertThat(modern.json().at("/error/code").asInt()).isEqualTo(504);
        }
    }

    @Test
    void aCallWhoseServerShowsProgressMayTakeLonger() throws Exception {
        try (Front front = front(Duration.ofMinutes(5), Duration.ofSeconds(2), Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer ticked = alice.post("""
                {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ticks","_meta":{"progressToken":1}}}\
                """);
            assertThat(ticked.said()).isEqualTo("ticked");
        }
    }

    @Test
    void anUnusedProcessIsStoppedAndItsSessionLives() throws Exception {
        try (Front front = front(Duration.ofSeconds(1), Duration.ofSeconds(30), Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            long first = Long.parseLong(alice.call("pid").said());
            assertThat(Front.comesTrue(() -> !Front.isAlive(first))).isTrue();
            // It did not end by itself.
            assertThat(Front.comesTrue(() -> front.condition().equals("0 of at most 4 processes")))
                    .isTrue();
            assertThat(Long.parseLong(alice.call("pid").said())).isNotEqualTo(first);
        }
        try (Front front = front(Duration.ofMinutes(5), Duration.ofSeconds(30), Map.of())) {
            Agent alice = front.agent("alice");
            alice.initialize();
            String first = alice.call("pid").said();
            alice.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
            Answer second = alice.call("pid");
            assertThat(second.said()).as(second.text()).isEqualTo(first);
        }
    }

    /** The session of modern clients; a legacy client's may be in use at another replica. */
    @Test
    void anUnusedSessionWithAnHttpServerIsEndedAndOpenedAgain() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream, Duration.ofSeconds(1), Duration.ofSeconds(30))) {
            Agent bob = front.agent("bob");
            bob.initialize();
            Agent alice = front.agent("alice");
            assertThat(alice.modernCall("say", "").status()).isEqualTo(200);
            int opened = upstream.with("\"initialize\"").size();
            assertThat(Front.comesTrue(() -> upstream.received.stream()
                            .anyMatch(one -> one.method().equals("DELETE"))))
                    .isTrue();
            assertThat(alice.modernCall("say", "").status()).isEqualTo(200);
            assertThat(bob.call("say").status()).isEqualTo(200);
            assertThat(upstream.with("\"initialize\"")).hasSize(opened + 1);
            assertThat(upstream.received.stream().filter(one -> one.method().equals("DELETE")))
                    .allMatch(one -> one.header("X-Mcp-Mtls-Identity").endsWith("/alice"));
        }
    }

    @Test
    void aServerThatTakesLongToStartIsSaidToBeStartingAndIsNotStartedAgain() throws Exception {
        Path starts = directory.resolve("starts");
        Map<String, String> env = Map.of("START_DELAY", "5000", "STARTS", starts.toString());
        try (Front front = front(Duration.ofMinutes(5), Duration.ofSeconds(2), env)) {
            Agent alice = front.agent("alice");
            Answer first = alice.initialize();
            assertThat(first.status()).isEqualTo(200);
            assertThat(first.json().at("/error/code").asInt()).isEqualTo(503);
            assertThat(first.json().at("/error/message").asString())
                    .isEqualTo("the server files is still starting; try again in a moment");
            assertThat(Front.comesTrue(() -> {
                        try {
                            return !alice.initialize().session().isEmpty();
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    }))
                    .isTrue();
            assertThat(alice.call("pid").said() + "\n").isEqualTo(Files.readString(starts));
        }
    }

    /** Silence over HTTP says nothing of a server's era. */
    @Test
    void aSilentHttpServerIsAskedAgainWhatItSpeaks() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream, Duration.ofMinutes(5), Duration.ofSeconds(1))) {
            upstream.isSilent(true);
            Agent alice = front.agent("alice");
            Answer late = alice.modernCall("say", "");
            assertThat(late.status()).isEqualTo(200);
            assertThat(late.json().at("/error/code").asInt()).isEqualTo(504);
            assertThat(late.json().at("/error/message").asString())
                    .isEqualTo("the server crm did not answer within 1 s; try again");
            upstream.isSilent(false);
            assertThat(alice.modernCall("say", "").said()).contains("io.modelcontextprotocol/protocolVersion");
        }
    }

    @Test
    void aModernClientIsToldTheSame() throws Exception {
        Map<String, String> env = Map.of("START_DELAY", "3000");
        try (Front front = front(Duration.ofMinutes(5), Duration.ofSeconds(1), env)) {
            Agent alice = front.agent("alice");
            AtomicReference<Answer> last = new AtomicReference<>(alice.modernCall("pid", ""));
            assertThat(last.get().json().at("/error/message").asString())
                    .isEqualTo("the server files is still starting; try again in a moment");
            assertThat(Front.comesTrue(() -> {
                        try {
                            last.set(alice.modernCall("pid", ""));
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        return last.get().json().has("result");
                    }))
                    .isTrue();
        }
    }
}
