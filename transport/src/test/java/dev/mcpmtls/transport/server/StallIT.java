// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static dev.mcpmtls.transport.server.Http2Peer.END_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.RST_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Http2Peer.Frame;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.http.OutputMemory;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Callers with a good certificate who take or give next to nothing, beside those who are only slow. */
class StallIT {

    private static final int LENGTH = 4 * 1024 * 1024;
    private static final String LONG = "x".repeat(LENGTH);
    private static final Limits SHORT = Limits.builder()
            .writeTimeout(Duration.ofMillis(800))
            .bodyTimeout(Duration.ofMillis(800))
            .firstRequestTimeout(Duration.ofMillis(800))
            .answerBytesPerIdentity(20 * LENGTH)
            .build();
    private static Station station;

    @BeforeAll
    static void open() {
        station = Station.open(settings -> settings.limits(SHORT), Station.tool("long", (exchange, call) -> LONG));
    }

    @AfterAll
    static void close() {
        station.close();
    }

    @Test
    void dropsReadersThatTakeNothingAndForgetsTheirAnswers() throws Exception {
        List<Socket> deaf = new ArrayList<>();
        long before = station.transport().load().stalledReaders();
        try {
            for (int i = 0; i < 10; i++) {
                deaf.add(station.deafSocket("mallory"));
                Station.write(deaf.get(i), Agent.raw("long"));
            }
            assertThat(comesTrue(() -> station.transport().load().answerBytes() > LENGTH))
                    .isTrue();
            assertThat(outsideTheHeap()).isGreaterThan(LENGTH);

            assertThat(comesTrue(() -> station.transport().load().connections() == 0))
                    .isTrue();
            assertThat(station.transport().load().answerBytes()).isZero();
            assertThat(comesTrue(() -> outsideTheHeap() == 0)).isTrue();
            assertThat(station.transport().load().requestsInFlight()).isZero();
            assertThat(station.transport().load().stalledReaders()).isEqualTo(before + 10);
        } finally {
            closeAll(deaf);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void dropsWhoDoesNotTakeWhatTheSystemHoldsForHim() throws Exception {
        String some = "x".repeat(32 * 1024);
        try (Station holding = Station.open(
                        settings -> settings.limits(Limits.builder()
                                .writeTimeout(Duration.ofSeconds(3))
                                .build()),
                        Station.tool("some", (exchange, call) -> some));
                Socket deaf = holding.deafSocket("mallory");
                Socket idle = holding.socket("alice")) {
            Station.write(deaf, Agent.raw("some"));
            Station.write(idle, Agent.raw("some"));
            assertThat(comesTrue(() -> holding.transport().load().connections() == 2))
                    .isTrue();

            assertThat(comesTrue(() -> holding.transport().load().connections() == 1))
                    .isTrue();
            assertThat(holding.transport().load().answerBytes()).isZero();
            assertThat(holding.transport().load().stalledReaders()).isZero();
            Station.write(idle, Agent.raw("some").replace("Host:", "Connection: close\r\nHost:"));
            assertThat(Station.answer(idle)).hasSizeGreaterThan(2 * some.length());
        }
    }

    @Test
    void servesAReaderThatIsSlowButTakesAll() throws Exception {
        try (Socket slow = station.socket("alice")) {
            Station.write(slow, Agent.raw("long").replace("Host:", "Connection: close\r\nHost:"));
            InputStream in = slow.getInputStream();
            byte[] part = new byte[16 * 1024];
            int all = 0;
            for (int read = in.read(part); read >= 0; read = in.read(part)) {
                all += read;
                LockSupport.parkNanos(6_000_000);
            }

            assertThat(all).isGreaterThan(LENGTH);
            assertThat(comesTrue(() -> outsideTheHeap() == 0)).isTrue();
        }
    }

    @Test
    void boundsWhatOneIdentityLeavesUnread() throws Exception {
        try (Station tight = Station.open(
                settings -> settings.limits(
                        Limits.builder().answerBytesPerIdentity(LENGTH).build()),
                Station.tool("long", (exchange, call) -> LONG))) {
            Socket deaf = tight.deafSocket("mallory");
            Station.write(deaf, Agent.raw("long"));
            assertThat(comesTrue(() -> tight.transport().load().answerBytes() > 0))
                    .isTrue();

            Agent mallory = tight.agent("mallory");
            Agent.Answer refused = mallory.send(mallory.modernCall("long", ""));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.http().body()).contains("\"id\":");
            Agent alice = tight.agent("alice");
            assertThat(alice.send(alice.modernCall("long", "")).http().body()).hasSizeGreaterThan(LENGTH);

            deaf.close();
            assertThat(comesTrue(() -> tight.transport().load().answerBytes() == 0))
                    .isTrue();
            assertThat(mallory.send(mallory.modernCall("long", "")).status()).isEqualTo(200);
        }
    }

    @Test
    void resetsAStreamWhoseWindowStaysClosedWhileOthersMove() throws Exception {
        byte[] noWindow = {0, 4, 0, 0, 0, 0};
        try (Http2Peer peer = new Http2Peer(station, noWindow)) {
            peer.ask(1);
            Frame frame = null;
            for (int stream = 3; frame == null || frame.type() != RST_STREAM; stream += 2) {
                peer.ask(stream);
                peer.send(WINDOW_UPDATE, 0, stream, new byte[] {0, 0, 16, 0});
                do {
                    frame = peer.next();
                } while (frame.type() != RST_STREAM && (frame.flags() & END_STREAM) == 0);
                LockSupport.parkNanos(20_000_000);
            }

            assertThat(frame.stream()).isEqualTo(1);
        }
        assertThat(comesTrue(() -> outsideTheHeap() == 0)).isTrue();
    }

    @Test
    void closesAConnectionOnWhichNothingMoves() throws Exception {
        byte[] noWindow = {0, 4, 0, 0, 0, 0};
        try (Http2Peer peer = new Http2Peer(station, noWindow)) {
            peer.ask(1);
            peer.ask(3);

            assertThat(peer.answerTo(1)).isEmpty();
            assertThat(comesTrue(() -> station.transport().load().connections() == 0))
                    .isTrue();
        }
    }

    @Test
    void refusesABodyThatTrickles() throws Exception {
        try (Socket socket = station.socket("mallory")) {
            Station.write(socket, Agent.HEAD + "Content-Length: 4000\r\n\r\n");
            Thread dripping = new Thread(() -> drip(socket, 1, 20_000_000, 300));
            dripping.start();

            assertThat(Station.answer(socket)).startsWith("HTTP/1.1 408");
            dripping.join();
        }
    }

    @Test
    void takesABodyThatIsSlowButArrives() throws Exception {
        String message = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/none\"}";
        int blanks = 100_000;
        try (Socket socket = station.socket("alice")) {
            Station.write(socket, Agent.HEAD + "MCP-Protocol-Version: 2026-07-28\r\nConnection: close\r\n");
            Station.write(socket, "Content-Length: " + (message.length() + blanks) + "\r\n\r\n" + message);
            drip(socket, 2_000, 40_000_000, blanks);

            assertThat(Station.answer(socket)).startsWith("HTTP/1.1 202");
        }
    }

    @Test
    void keepsAConnectionThatWasServedButNotOneThatWasOnlyRefused() throws Exception {
        try (Station patient = Station.open(
                        settings -> settings.limits(Limits.builder()
                                .writeTimeout(Duration.ofMillis(800))
                                .build()),
                        Station.who());
                Socket refused = patient.socket("mallory");
                Socket served = patient.socket("alice")) {
            Station.write(refused, Agent.raw("who").replace("Mcp-Name: who", "Mcp-Name: other"));
            Station.write(served, Agent.raw("who"));

            assertThat(Station.answer(refused)).startsWith("HTTP/1.1 400");
            assertThat(comesTrue(() -> patient.transport().load().connections() == 1))
                    .isTrue();
            assertThat(served.getInputStream().read()).isEqualTo('H');
        }
    }

    @Test
    void waitsForTheEndOfAHeadAlsoAfterAGoodRequest() throws Exception {
        try (Station patient = Station.open(
                        settings -> settings.limits(Limits.builder()
                                .firstRequestTimeout(Duration.ofMillis(800))
                                .build()),
                        Station.who());
                Socket dripping = patient.socket("mallory");
                Socket idle = patient.socket("alice")) {
            Station.write(idle, Agent.raw("who"));
            Station.write(dripping, Agent.raw("who"));
            assertThat(dripping.getInputStream().read()).isEqualTo('H');

            drip(dripping, 1, 50_000_000, 100);

            assertThat(Station.answer(dripping)).doesNotContain("HTTP/1.1 400");
            assertThat(comesTrue(() -> patient.transport().load().connections() == 1))
                    .isTrue();
            assertThat(idle.getInputStream().read()).isEqualTo('H');
        }
    }

    private static void drip(Socket socket, int bytes, long pauseNanos, int all) {
        try {
            for (int sent = 0; sent < all; sent += bytes) {
                Station.write(socket, " ".repeat(Math.min(bytes, all - sent)));
                LockSupport.parkNanos(pauseNanos);
            }
        } catch (IOException ended) {
            // The other end has had enough, which is for the test to find.
        }
    }

    private static long outsideTheHeap() {
        return OutputMemory.used();
    }

    private static boolean comesTrue(BooleanSupplier condition) {
        return Station.comesTrue(Duration.ofSeconds(15), condition);
    }

    private static void closeAll(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
