// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Midway.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A gateway, or the server behind it, gets SIGKILL in the middle of every kind of exchange at once. Clients get an error in time, nothing is left behind,
 * the next request is served, and no call runs twice.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KilledIT {

    private static final String SAY = Agent.legacyCall(2, "say");

    @TempDir
    Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void killAll() {
        processes.forEach(Process::destroyForcibly);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServerThatIsKilledFailsItsCallsOnceAndIsServedAgain(boolean overStdio) throws Exception {
        try (Served legacy = new Served(overStdio, "legacy");
                Served modern = new Served(overStdio, "modern")) {
            List<Exchange> exchanges = new ArrayList<>();
            for (Midway kind : Midway.values()) {
                Served served = kind.isModern() ? modern : legacy;
                exchanges.add(kind.begin(served.front.agent("alice"), noted(served.log)));
            }

            legacy.kill();
            modern.kill();

            for (Exchange exchange : exchanges) {
                if (exchange.kind != Midway.SUBSCRIPTION) { // its stream stays, for a server that is back
                    exchange.awaitOver();
                }
                if (exchange.kind != Midway.SUBSCRIPTION && !exchange.kind.isAnswered()) {
                    assertThat(message(exchange.last()))
                            .as(exchange.kind + " " + exchange.messages)
                            .contains("midway")
                            .contains(exchange.kind == Midway.INITIALIZE ? "" : "the call may have run");
                }
            }
            legacy.restart();
            modern.restart();
            for (Exchange exchange : exchanges) {
                requireService(exchange);
            }
            requireOneRunEach(legacy.log, modern.log);
        }
    }

    @Test
    void aGatewayThatIsKilledLeavesNoProcessAndNoCallThatRunsTwice() throws Exception {
        try (Served legacy = new Served(false, "legacy");
                Served modern = new Served(false, "modern")) {
            Process gateway = gateway(legacy, modern);
            List<Path> logs = List.of(
                    directory.resolve("stdio-legacy"), legacy.log, directory.resolve("stdio-modern"), modern.log);
            List<Exchange> exchanges = new ArrayList<>();
            for (int server = 0; server < 4; server++) {
                for (Midway kind : Midway.values()) {
                    if (kind.isModern() == server > 1) {
                        exchanges.add(kind.begin(agent(server), noted(logs.get(server))));
                    }
                }
            }

            gateway.destroyForcibly().waitFor();

            for (Exchange exchange : exchanges) {
                exchange.awaitOver();
                boolean isLate =
                        exchange.kind == Midway.INITIALIZE && exchange.last().contains("still starting");
                assertThat(exchange.over.isCompletedExceptionally())
                        .as(exchange.kind + " " + exchange.messages)
                        .isEqualTo(!exchange.kind.isAnswered() && !isLate);
            }
            assertThat(Front.comesTrue(() -> Stream.of(logs.get(0), logs.get(2))
                            .flatMap(log -> starts(log).stream())
                            .noneMatch(Front::isAlive)))
                    .isTrue();
            Files.delete(directory.resolve("addresses"));
            gateway(legacy, modern);
            for (int server = 0; server < 4; server++) {
                requireService(new Exchange(server > 1 ? Midway.TASK : Midway.INITIALIZE, agent(server)));
            }
            requireOneRunEach(logs.toArray(Path[]::new));
        }
    }

    /** The client goes on: in its session where there is one, else in a new one; a task that is lost is said to be. */
    private static void requireService(Exchange exchange) throws Exception {
        Agent agent = exchange.agent;
        if (exchange.kind.isModern()) {
            String id = exchange.messages.isEmpty()
                    ? "00000000000000000000000000000000"
                    : Agent.JSON.readTree(exchange.last()).at("/result/taskId").asString();
            String get = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tasks/get\",\"params\":{\"taskId\":\"" + id + "\","
                    + Midway.KNOWS_TASKS + "}}";
            assertThat(Front.comesTrue(() -> text(() -> agent.post(get, Agent.modernHeaders("tasks/get", id)))
                            .contains("no such task")))
                    .isTrue();
            assertThat(agent.modernCall("say", "").text()).contains("said");
            return;
        }
        if (exchange.kind == Midway.INITIALIZE) {
            assertThat(Front.comesTrue(() -> text(agent::initialize).contains("serverInfo")))
                    .isTrue();
        }
        assertThat(Front.comesTrue(() -> {
                    String said = text(() -> agent.post(SAY));
                    boolean isServed = said.contains("said");
                    assertThat(isServed || !message(said).isEmpty()).as(said).isTrue();
                    return isServed;
                }))
                .as(exchange.kind.name())
                .isTrue();
    }

    private static String message(String answer) {
        return answer.isEmpty()
                ? ""
                : Agent.JSON.readTree(answer).at("/error/message").asString("");
    }

    private interface Request {

        Answer send() throws IOException, InterruptedException;
    }

    private static String text(Request request) {
        try {
            return request.send().text();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A subscription is arranged again with a server that is back, and a session may be opened again; a call is never made again. */
    private static void requireOneRunEach(Path... logs) {
        for (Path log : logs) {
            List<String> lines = lines(log);
            for (Midway kind : Midway.values()) {
                boolean isCall = kind != Midway.INITIALIZE && kind != Midway.SUBSCRIPTION;
                if (isCall && kind.isModern() == log.toString().endsWith("modern")) {
                    assertThat(lines).as(log + " " + lines).containsOnlyOnce("run " + kind.text());
                }
            }
        }
    }

    private static Predicate<String> noted(Path log) {
        return line -> lines(log).contains(line);
    }

    private static List<Long> starts(Path log) {
        return numbers(log, "start ");
    }

    private static List<Long> numbers(Path log, String prefix) {
        return lines(log).stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> Long.valueOf(line.substring(prefix.length())))
                .toList();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process gateway(Served legacy, Served modern) throws Exception {
        Process gateway = started(new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                MidwayGateway.class.getName(),
                directory.toString(),
                legacy.url().toString(),
                modern.url().toString()));
        assertThat(Front.comesTrue(() -> Files.exists(directory.resolve("addresses"))))
                .isTrue();
        return gateway;
    }

    private Process started(ProcessBuilder building) throws IOException {
        Process process = building.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()))
                .start();
        processes.add(process);
        return process;
    }

    /** The client of the gateway in a process of its own. */
    private Agent agent(int server) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("client.p12"))) {
            store.load(in, MidwayGateway.PASSPHRASE);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(store, MidwayGateway.PASSPHRASE);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
        String address = Files.readAllLines(directory.resolve("addresses")).get(server);
        return new Agent(URI.create(address), context);
    }

    /** A server behind a gateway of this process. */
    private final class Served implements AutoCloseable {

        final Path log;
        final Front front;
        private final String era;
        private final boolean overStdio;
        private Process server;

        Served(boolean overStdio, String era) throws Exception {
            this.era = era;
            this.overStdio = overStdio;
            this.log = directory.resolve((overStdio ? "own-" : "http-") + era);
            if (!overStdio) {
                serve("0");
            }
            this.front = overStdio ? MidwayGateway.process(log, era) : MidwayGateway.http(url());
        }

        private void serve(String port) throws IOException {
            int before = numbers(log, "port ").size();
            ProcessBuilder building =
                    new ProcessBuilder("node", Front.fixture("midway.mjs").toString(), port);
            building.environment().put("LOG", log.toString());
            building.environment().put("ERA", era);
            server = started(building);
            assertThat(Front.comesTrue(() -> numbers(log, "port ").size() > before))
                    .isTrue();
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + numbers(log, "port ").get(0) + "/mcp");
        }

        void kill() throws InterruptedException {
            if (overStdio) {
                starts(log).forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
            } else {
                server.destroyForcibly().waitFor();
            }
        }

        /** A process is started again by its gateway. */
        void restart() throws IOException {
            if (!overStdio) {
                serve(String.valueOf(numbers(log, "port ").get(0)));
            }
        }

        @Override
        public void close() {
            front.close();
        }
    }
}
