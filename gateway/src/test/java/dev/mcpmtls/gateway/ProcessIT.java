// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The processes of servers: who shares one, how many there are, and how they end. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ProcessIT {

    @TempDir
    Path directory;

    private static long pid(Agent agent) throws Exception {
        return Long.parseLong(agent.call("pid").said());
    }

    private static Agent opened(Front front, String name) throws Exception {
        Agent agent = front.agent(name);
        agent.initialize();
        return agent;
    }

    @Test
    void eachLegacySessionHasAProcessOfItsOwnAndModernClientsOnePerIdentity() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 8, Map.of())) {
            long one = pid(opened(front, "alice"));
            long two = pid(opened(front, "alice"));
            String modern = front.agent("alice").modernCall("pid", "").said();
            assertThat(front.agent("alice").modernCall("pid", "").said()).isEqualTo(modern);
            assertThat(front.agent("bob").modernCall("pid", "").said()).isNotEqualTo(modern);
            assertThat(Set.of(one, two, Long.parseLong(modern))).hasSize(3);
        }
    }

    @Test
    void anIdentityOrEverybodySharesAProcessWhereThatIsWanted() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_IDENTITY, 8, Map.of())) {
            Agent alice = opened(front, "alice");
            assertThat(pid(opened(front, "alice"))).isEqualTo(pid(alice)).isNotEqualTo(pid(opened(front, "bob")));
            assertThat(alice.post("""
                {"jsonrpc":"2.0","id":"z","method":"tools/call","params":{"name":"progress","_meta":{"progressToken":"own"}}}\
                """).text()).contains("\"id\":\"z\"");
        }
        try (Front front = Front.command(ProcessMode.SHARED, 8, Map.of())) {
            Agent alice = opened(front, "alice");
            assertThat(pid(opened(front, "bob"))).isEqualTo(pid(alice));
            assertThat(alice.call("ask").said()).contains("no client here");
            assertThat(alice.call("log").messages()).isEmpty();
        }
    }

    @Test
    void theEnvironmentIsTheOneThatIsDocumented() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 1, Map.of("OWN", "1"))) {
            JsonNode env =
                    Agent.JSON.readTree(opened(front, "alice").call("env").said());
            Set<String> names = new HashSet<>(env.propertyNames());
            names.removeAll(Set.of("PATH", "HOME", "USER", "LANG", "TMPDIR", "OWN", "PWD", "OLDPWD", "SHLVL", "_"));
            assertThat(names).isEmpty();
            assertThat(env.get("OWN").asString()).isEqualTo("1");
        }
    }

    @Test
    void aCrashInACallSaysThatItMayHaveRunAndTheSessionLives() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 2, Map.of())) {
            Agent alice = opened(front, "alice");
            long before = pid(alice);
            alice.post(
                    "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"file:///a\"}}");
            Iterator<String> own = alice.listen();
            assertThat(own.next()).contains("resources/updated");

            Answer crashed = alice.call("crash");
            assertThat(crashed.status()).isEqualTo(200);
            assertThat(crashed.json().at("/error/message").asString())
                    .contains("files", "ended", "exit code 7", "the call may have run");

            Set<String> told = new HashSet<>();
            told.add(Agent.JSON.readTree(own.next()).at("/method").asString());
            told.add(Agent.JSON.readTree(own.next()).at("/method").asString());
            assertThat(told)
                    .containsExactlyInAnyOrder("notifications/tools/list_changed", "notifications/resources/updated");
            assertThat(pid(alice)).isNotEqualTo(before);
            assertThat(front.condition()).isEqualTo("1 of at most 2 processes, 1 ended by itself");
            assertThat(alice.call("state").json().at("/error/data/subscribed/0").asString())
                    .isEqualTo("file:///a");
        }
    }

    @Test
    void aServerThatDoesNotStartBacksOffAndSaysSo() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 2, Map.of("BROKEN", "1"))) {
            List<String> said = new ArrayList<>();
            assertThat(Front.comesTrue(() -> {
                        try {
                            said.add(front.agent("alice")
                                    .initialize()
                                    .json()
                                    .at("/error/message")
                                    .asString());
                        } catch (IOException | InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        return said.get(said.size() - 1).contains("failed to start");
                    }))
                    .isTrue();
            assertThat(said.get(0)).contains("exit code 3");
            assertThat(front.condition()).contains("failed to start");
        }
    }

    @Test
    void theIdlestProcessGivesWayAndABusyOneDoesNot() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 2, Map.of())) {
            Agent one = opened(front, "one");
            long first = pid(one);
            Agent two = opened(front, "two");
            pid(two);
            Agent three = opened(front, "three");
            pid(three);
            assertThat(Front.comesTrue(() -> !Front.isAlive(first))).isTrue();
            assertThat(pid(one)).isNotEqualTo(first); // its session lives

            var slow = one.postAsync(Agent.legacyCall(8, "slow"));
            var other = three.postAsync(Agent.legacyCall(8, "slow"));
            assertThat(Front.comesTrue(() -> front.events().stream()
                                    .filter(event -> event.toString().contains("slow"))
                                    .count()
                            == 2))
                    .isTrue();
            String refused =
                    two.call("pid").text() + opened(front, "four").call("pid").text();
            assertThat(refused).contains("max-processes");
            slow.cancel(true);
            other.cancel(true);
        }
    }

    @Test
    void anIdentityWithManySessionsMakesRoomForItself() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 3, Map.of())) {
            long bobs = pid(opened(front, "bob"));
            long first = pid(opened(front, "alice"));
            for (int session = 0; session < 3; session++) {
                pid(opened(front, "alice"));
            }
            assertThat(Front.comesTrue(() -> !Front.isAlive(first))).isTrue();
            assertThat(Front.isAlive(bobs)).isTrue();
        }
    }

    @Test
    void manyIdentitiesShareFewProcesses() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_IDENTITY, 3, Map.of())) {
            Set<String> pids = new HashSet<>();
            for (int number = 0; number < 12; number++) {
                pids.add(front.agent("agent-" + number).modernCall("pid", "").said());
            }
            assertThat(pids).hasSize(12);
            assertThat(Front.comesTrue(() -> pids.stream()
                                    .filter(pid -> Front.isAlive(Long.parseLong(pid)))
                                    .count()
                            <= 3))
                    .isTrue();
        }
    }

    @Test
    void aServerThatIgnoresItsEndIsKilledWithEverythingItStarted() throws Exception {
        Path pids = directory.resolve("pids");
        Front front =
                Front.command(ProcessMode.PER_SESSION, 1, Map.of("STUBBORN", "1", "CHILD_PID_FILE", pids.toString()));
        pid(opened(front, "alice"));
        String[] both = Files.readString(pids).split(" ");
        long server = Long.parseLong(both[0]);
        long grandchild = Long.parseLong(both[1]);
        assertThat(Front.isAlive(server) && Front.isAlive(grandchild)).isTrue();
        front.close();
        assertThat(Front.comesTrue(() -> !Front.isAlive(server) && !Front.isAlive(grandchild)))
                .isTrue();
    }

    @Test
    void aDeletedSessionEndsItsProcess() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 2, Map.of())) {
            Agent alice = opened(front, "alice");
            long server = pid(alice);
            alice.delete();
            assertThat(Front.comesTrue(() -> !Front.isAlive(server))).isTrue();
            assertThat(alice.call("pid").status()).isEqualTo(404);
        }
    }

    @Test
    void aServerThatIgnoresItsEndIsKilledAfterItsSessionToo() throws Exception {
        Path pids = directory.resolve("pids");
        Map<String, String> env = Map.of("STUBBORN", "1", "CHILD_PID_FILE", pids.toString());
        try (Front front = Front.command(ProcessMode.PER_SESSION, 1, env)) {
            Agent alice = opened(front, "alice");
            pid(alice);
            String[] both = Files.readString(pids).split(" ");
            alice.delete();
            assertThat(Front.comesTrue(
                            () -> !Front.isAlive(Long.parseLong(both[0])) && !Front.isAlive(Long.parseLong(both[1]))))
                    .isTrue();
            // Stopped, not crashed.
            assertThat(Front.comesTrue(() -> front.condition().equals("0 of at most 1 process")))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "600000"})
    void nothingOutlivesAGatewayThatIsKilledNotEvenAStubbornGrandchildOrAServerThatStarts(String delay)
            throws Exception {
        Path pids = directory.resolve("pids");
        Path starts = directory.resolve("starts");
        Process gateway = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledGateway.class.getName(),
                        Front.fixture("server.mjs").toString(),
                        pids.toString(),
                        starts.toString(),
                        delay)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        try {
            Path written = delay.equals("0") ? pids : starts;
            assertThat(Front.comesTrue(
                            () -> Files.exists(written) && written.toFile().length() > 0))
                    .as(() -> directory.resolve("out").toString())
                    .isTrue();
            List<Long> started = Stream.of(Files.readString(written).strip().split(" "))
                    .map(Long::valueOf)
                    .toList();
            assertThat(started).allMatch(Front::isAlive);
            gateway.destroyForcibly().waitFor();
            assertThat(Front.comesTrue(() -> started.stream().noneMatch(Front::isAlive)))
                    .isTrue();
        } finally {
            gateway.destroyForcibly();
        }
    }

    @Test
    void aServerThatEndsAgainAndAgainWaitsLongerEachTimeAndShowsInItsCondition() throws Exception {
        try (Front front = Front.command(ProcessMode.PER_SESSION, 2, Map.of())) {
            Agent alice = opened(front, "alice");
            Set<String> said = new HashSet<>();
            for (int crash = 0; crash < 3; crash++) {
                assertThat(Front.comesTrue(() -> {
                            try {
                                String text = alice.call("crash").text();
                                said.add(text);
                                return text.contains("may have run");
                            } catch (IOException | InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }))
                        .isTrue();
            }
            assertThat(front.condition()).contains("3 ended by themselves");
            assertThat(said).anyMatch(text -> text.contains("ended 2 times; it is started again in"));
        }
    }
}
