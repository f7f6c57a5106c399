// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.transport.HoldingSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A client whose requests and whose close_notify come in one flight is answered before the connection closes (RFC 8446, section 6.1). */
@Timeout(60)
class HalfClosedIT {

    private static final Map<TlsEngine, Station> STATIONS = new EnumMap<>(TlsEngine.class);

    @BeforeAll
    static void open() {
        for (TlsEngine engine : new TlsEngine[] {TlsEngine.BORINGSSL, TlsEngine.JDK}) {
            STATIONS.put(
                    engine,
                    Station.open(
                            settings -> settings.tls(Station.tls(engine)),
                            server -> Station.chatty()
                                    .andThen(Station.tool("late", (exchange, call) -> late()))
                                    .apply(Station.tool("echo", (exchange, call) -> "echo")
                                            .apply(server))));
        }
    }

    /** The handler of a call that outlasts the flight: it answers when the server has read everything, the close_notify at its end too. */
    private static String late() {
        for (int millis = 0; millis < 10_000 && hasUnread(); millis++) {
            LockSupport.parkNanos(1_000_000);
        }
        return "late";
    }

    /** Whether a connection of a station holds bytes that it has not read, according to the kernel, if it says so. */
    private static boolean hasUnread() {
        return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                .map(Path::of)
                .filter(Files::exists)
                .flatMap(HalfClosedIT::connections)
                .filter(fields -> STATIONS.values().stream()
                        .anyMatch(station -> fields[1].endsWith(String.format(":%04X", station.port()))))
                .anyMatch(fields -> !fields[4].endsWith(":00000000"));
    }

    private static Stream<String[]> connections(Path table) {
        try {
            return Files.readAllLines(table).stream()
                    .skip(1)
                    .map(line -> line.strip().split("\\s+"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void close() {
        STATIONS.values().forEach(Station::close);
    }

    static Stream<Arguments> calls() {
        return STATIONS.keySet().stream()
                .flatMap(engine -> Stream.of(
                        Arguments.of(engine, "echo", 0),
                        Arguments.of(engine, "echo", 60),
                        Arguments.of(engine, "late", 0),
                        Arguments.of(engine, "chatty", 60)));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void theAnswerComesBeforeTheEnd(TlsEngine engine, String tool, int kib) throws Exception {
        for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (Client client = new Client(engine, version)) {
                client.tls.startHandshake();
                client.wire.hold();

                String answer = client.sendAndLeave(request(tool, kib));

                assertThat(answer).startsWith("HTTP/1.1 200").contains("\"text\":");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void soItDoesBehindTheFinishedOfTheHandshake(TlsEngine engine, String tool, int kib) throws Exception {
        try (Client client = new Client(engine, "TLSv1.3")) {
            client.wire.holdBehindNext();
            client.tls.startHandshake();

            String answer = client.sendAndLeave(request(tool, kib));

            assertThat(answer).startsWith("HTTP/1.1 200").contains("\"text\":");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsEngine.class,
            names = {"BORINGSSL", "JDK"})
    void allPipelinedRequestsAreAnswered(TlsEngine engine) throws Exception {
        try (Client client = new Client(engine, "TLSv1.3")) {
            client.tls.startHandshake();
            client.wire.hold();

            String answer = client.sendAndLeave(request("late", 0) + request("echo", 0) + request("late", 0));

            assertThat(answer.split("HTTP/1.1 200", -1)).hasSize(4);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsEngine.class,
            names = {"BORINGSSL", "JDK"})
    void halfARequestIsNotWaitedFor(TlsEngine engine) throws Exception {
        try (Client client = new Client(engine, "TLSv1.3")) {
            client.tls.startHandshake();
            client.wire.hold();
            String whole = request("echo", 0);
            long begun = System.nanoTime();

            String answer = client.sendAndLeave(whole.substring(0, whole.length() - 5));

            assertThat(answer).isEmpty();
            assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(5));
        }
    }

    /** A record that is as long as an alert need not be one. */
    @ParameterizedTest
    @EnumSource(
            value = TlsEngine.class,
            names = {"BORINGSSL", "JDK"})
    void aBodyWhoseLastRecordIsShortIsRead(TlsEngine engine) throws Exception {
        try (Client client = new Client(engine, "TLSv1.3")) {
            client.tls.startHandshake();
            String whole = request("echo", 0);
            for (String piece : new String[] {
                whole.substring(0, 2), whole.substring(2, whole.length() - 2), whole.substring(whole.length() - 2)
            }) {
                client.send(piece);
            }

            String answer = client.sendAndLeave("");

            assertThat(answer).startsWith("HTTP/1.1 200").contains("\"text\":");
        }
    }

    private static String request(String tool, int kib) {
        String raw = Agent.raw(tool);
        String body = raw.substring(raw.indexOf("\r\n\r\n") + 4);
        String longer = body.replace("{\"jsonrpc\"", " ".repeat(kib * 1024) + "{\"jsonrpc\"");
        return raw.replace("Content-Length: " + body.length(), "Content-Length: " + longer.length())
                .replace(body, longer);
    }

    /** A client that can send everything in one flight. */
    private static final class Client implements AutoCloseable {

        private final HoldingSocket wire;
        private final SSLSocket tls;

        Client(TlsEngine engine, String version) throws IOException {
            Socket tcp = new Socket("127.0.0.1", STATIONS.get(engine).port());
            tcp.setSoTimeout(20_000);
            tcp.setTcpNoDelay(true);
            wire = new HoldingSocket(tcp);
            tls = (SSLSocket)
                    Station.context("alice").getSocketFactory().createSocket(wire, "127.0.0.1", tcp.getPort(), false);
            tls.setEnabledProtocols(new String[] {version});
        }

        void send(String request) throws IOException {
            tls.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        }

        String sendAndLeave(String request) throws IOException {
            send(request);
            tls.shutdownOutput();
            wire.release();
            return Station.answer(tls);
        }

        @Override
        public void close() throws IOException {
            tls.close();
        }
    }
}
