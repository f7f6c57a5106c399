// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static dev.mcpmtls.transport.server.Http2Peer.DATA;
import static dev.mcpmtls.transport.server.Http2Peer.END_HEADERS;
import static dev.mcpmtls.transport.server.Http2Peer.END_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.HEADERS;
import static dev.mcpmtls.transport.server.Http2Peer.RST_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.WINDOW_UPDATE;
import static dev.mcpmtls.transport.server.Http2Peer.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Http2Peer.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Callers with a good certificate who take or give next to nothing, beside those who are only slow. */
class StallIT {

    private static final int LENGTH = 4 * 1024 * 1024;
    private static final String LONG = "x".repeat(LENGTH);
    private static final String HEAD = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Accept: application/json, text/event-stream\r\n";
    private static final Limits SHORT = Limits.defaults()
            .write(Duration.ofMillis(800))
            .body(Duration.ofMillis(800))
            .firstByte(Duration.ofMillis(800))
            .answerBytesPerIdentity(20 * LENGTH);
    private static final Station STATION =
            Station.open(settings -> settings.limits(SHORT), Station.tool("long", (exchange, call) -> LONG));

    @AfterAll
    static void close() {
        STATION.close();
    }

    @Test
    void dropsReadersThatTakeNothingAndForgetsTheirAnswers() throws Exception {
        List<Socket> deaf = new ArrayList<>();
        long before = STATION.transport().load().stalledReaders();
        try {
            for (int i = 0; i < 10; i++) {
                deaf.add(STATION.deafSocket("mallory"));
                write(deaf.get(i), Agent.raw("long"));
            }
            assertThat(comesTrue(() -> STATION.transport().load().answerBytes() > LENGTH))
                    .isTrue();
            assertThat(outsideTheHeap()).isGreaterThan(LENGTH);

            assertThat(comesTrue(() -> STATION.transport().load().connections() == 0))
                    .isTrue();
            assertThat(STATION.transport().load().answerBytes()).isZero();
            assertThat(comesTrue(() -> outsideTheHeap() == 0)).isTrue();
            assertThat(STATION.transport().load().requestsInWork()).isZero();
            // A late sweep is forestalled by the system, which does not count.
            assertThat(STATION.transport().load().stalledReaders()).isBetween(before + 1, before + 10);
        } finally {
            closeAll(deaf);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void dropsWhoDoesNotTakeWhatTheSystemHoldsForHim() throws Exception {
        String some = "x".repeat(32 * 1024);
        try (Station holding = Station.open(
                        settings -> settings.limits(Limits.defaults().write(Duration.ofSeconds(3))),
                        Station.tool("some", (exchange, call) -> some));
                Socket deaf = holding.deafSocket("mallory");
                Socket idle = holding.socket("alice")) {
            write(deaf, Agent.raw("some"));
            write(idle, Agent.raw("some"));
            assertThat(comesTrue(() -> holding.transport().load().connections() == 2))
                    .isTrue();

            assertThat(comesTrue(() -> holding.transport().load().connections() == 1))
                    .isTrue();
            assertThat(holding.transport().load().answerBytes()).isZero();
            assertThat(holding.transport().load().stalledReaders()).isZero();
            write(idle, Agent.raw("some").replace("Host:", "Connection: close\r\nHost:"));
            assertThat(answer(idle)).hasSizeGreaterThan(2 * some.length());
        }
    }

    @Test
    void servesAReaderThatIsSlowButTakesAll() throws Exception {
        try (Socket slow = STATION.socket("alice")) {
            write(slow, Agent.raw("long").replace("Host:", "Connection: close\r\nHost:"));
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
                settings -> settings.limits(Limits.defaults().answerBytesPerIdentity(LENGTH)),
                Station.tool("long", (exchange, call) -> LONG))) {
            Socket deaf = tight.deafSocket("mallory");
            write(deaf, Agent.raw("long"));
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
        try (Http2Peer peer = new Http2Peer(STATION, noWindow)) {
            ask(peer, 1);
            Frame frame = null;
            for (int stream = 3; frame == null || frame.type() != RST_STREAM; stream += 2) {
                ask(peer, stream);
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
    void resetsWhatItWouldRefuseWhenRefusalsAreNotRead() throws Exception {
        byte[] noWindow = {0, 4, 0, 0, 0, 0};
        try (Station tight =
                Station.open(settings -> settings.limits(Limits.defaults().inFlightPerIdentity(2)), Station.who())) {
            for (int again = 1; again <= 2; again++) {
                try (Http2Peer peer = new Http2Peer(tight, noWindow)) {
                    for (int stream = 1; stream <= 5; stream += 2) {
                        ask(peer, stream);
                    }

                    List<Frame> frames = List.of(peer.next(), peer.next(), peer.next());
                    assertThat(frames).extracting(Frame::stream).containsExactly(1, 3, 5);
                    assertThat(frames).extracting(Frame::type).containsExactly(HEADERS, HEADERS, RST_STREAM);
                    assertThat(frames).noneMatch(frame -> (frame.flags() & END_STREAM) != 0);
                    assertThat(tight.transport().load().unreadRefusals()).isEqualTo(2);
                    assertThat(tight.transport().load().refusalsReset()).isEqualTo(again);
                }
                assertThat(comesTrue(() -> tight.transport().load().connections() == 0))
                        .isTrue();
                assertThat(comesTrue(() -> tight.transport().load().unreadRefusals() == 0))
                        .isTrue();
            }
        }
    }

    @Test
    void answersWhatItHasBegunAlsoWhenRefusalsAreNotRead() throws Exception {
        byte[] noWindow = {0, 4, 0, 0, 0, 0};
        try (Station tight = Station.open(
                        settings -> settings.limits(Limits.defaults().inFlightPerIdentity(1)), Station.who());
                Http2Peer peer = new Http2Peer(tight, noWindow)) {
            ask(peer, 1);
            askForNothing(peer, 3);
            ask(peer, 5);
            peer.send(WINDOW_UPDATE, 0, 3, new byte[] {0, 0, 16, 0});

            List<Frame> frames = List.of(peer.next(), peer.next(), peer.next(), peer.next());
            assertThat(frames)
                    .containsOnlyOnce(new Frame(RST_STREAM, 0, 5), new Frame(DATA, END_STREAM, 3))
                    .extracting(Frame::stream)
                    .containsOnlyOnce(1);
        }
    }

    @Test
    void decidesOnNothingForWhoHasNoPlaceInWork() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        try (Station tight = Station.open(
                settings -> settings.limits(Limits.defaults().inFlightPerIdentity(1)),
                Station.stuck(entered, new CountDownLatch(1)))) {
            Agent mallory = tight.agent("mallory");
            Agent alice = tight.agent("alice");
            try (Socket busy = tight.socket("mallory")) {
                write(busy, Agent.raw("stuck"));
                assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

                for (String method : List.of("server/discover", "subscriptions/listen")) {
                    assertThat(mallory.send(mallory.modern(method, "", "\"notifications\":{}"))
                                    .status())
                            .isEqualTo(429);
                }
                assertThat(alice.send(alice.modern("server/discover", "", "")).status())
                        .isEqualTo(200);
            }
            assertThat(comesTrue(() -> tight.transport().load().requestsInWork() == 0))
                    .isTrue();
            assertThat(mallory.send(mallory.modern("server/discover", "", "")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusesAsOftenAsItIsAskedWhoReadsWhy() throws Exception {
        try (Station tight = Station.open(
                        settings -> settings.limits(Limits.defaults().inFlightPerIdentity(2)), Station.who());
                Http2Peer peer = new Http2Peer(tight)) {
            for (int stream = 1; stream <= 9; stream += 2) {
                ask(peer, stream);

                assertThat(peer.answerTo(stream)).contains("error");
            }
        }
    }

    @Test
    void closesAConnectionOnWhichNothingMoves() throws Exception {
        byte[] noWindow = {0, 4, 0, 0, 0, 0};
        try (Http2Peer peer = new Http2Peer(STATION, noWindow)) {
            ask(peer, 1);
            ask(peer, 3);

            assertThat(peer.answerTo(1)).isEmpty();
            assertThat(comesTrue(() -> STATION.transport().load().connections() == 0))
                    .isTrue();
        }
    }

    @Test
    void refusesABodyThatTrickles() throws Exception {
        try (Socket socket = STATION.socket("mallory")) {
            write(socket, HEAD + "Content-Length: 4000\r\n\r\n");
            Thread dripping = new Thread(() -> drip(socket, 1, 20_000_000, 300));
            dripping.start();

            assertThat(answer(socket)).startsWith("HTTP/1.1 408");
            dripping.join();
        }
    }

    @Test
    void takesABodyThatIsSlowButArrives() throws Exception {
        String message = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/none\"}";
        int blanks = 100_000;
        try (Socket socket = STATION.socket("alice")) {
            write(socket, HEAD + "MCP-Protocol-Version: 2026-07-28\r\nConnection: close\r\n");
            write(socket, "Content-Length: " + (message.length() + blanks) + "\r\n\r\n" + message);
            drip(socket, 2_000, 40_000_000, blanks);

            assertThat(answer(socket)).startsWith("HTTP/1.1 202");
        }
    }

    @Test
    void keepsAConnectionThatWasServedButNotOneThatWasOnlyRefused() throws Exception {
        try (Station patient = Station.open(
                        settings -> settings.limits(Limits.defaults().write(Duration.ofMillis(800))), Station.who());
                Socket refused = patient.socket("mallory");
                Socket served = patient.socket("alice")) {
            write(refused, Agent.raw("who").replace("Mcp-Name: who", "Mcp-Name: other"));
            write(served, Agent.raw("who"));

            assertThat(answer(refused)).startsWith("HTTP/1.1 400");
            assertThat(comesTrue(() -> patient.transport().load().connections() == 1))
                    .isTrue();
            assertThat(served.getInputStream().read()).isEqualTo('H');
        }
    }

    @Test
    void waitsForTheEndOfAHeadAlsoAfterAGoodRequest() throws Exception {
        try (Station patient = Station.open(
                        settings -> settings.limits(Limits.defaults().firstByte(Duration.ofMillis(800))),
                        Station.who());
                Socket dripping = patient.socket("mallory");
                Socket idle = patient.socket("alice")) {
            write(idle, Agent.raw("who"));
            write(dripping, Agent.raw("who"));
            assertThat(dripping.getInputStream().read()).isEqualTo('H');

            drip(dripping, 1, 50_000_000, 100);

            assertThat(answer(dripping)).doesNotContain("HTTP/1.1 400");
            assertThat(comesTrue(() -> patient.transport().load().connections() == 1))
                    .isTrue();
            assertThat(idle.getInputStream().read()).isEqualTo('H');
        }
    }

    @Test
    void letsNobodyBackAtOnceWhoHasTooMuchUnderWay() throws Exception {
        try (Station small = Station.open(
                        settings -> settings.limits(SHORT.inFlightPerIdentity(1)
                                .firstByte(Duration.ofSeconds(10))
                                .body(Duration.ofSeconds(10))),
                        Station.who());
                Socket first = small.socket("mallory");
                Socket second = small.socket("mallory")) {
            write(first, HEAD + "Content-Length: 4000\r\n\r\n{");
            assertThat(comesTrue(() -> small.transport().load().requestsArriving() == 1))
                    .isTrue();
            write(second, HEAD + "Content-Length: 4000\r\n\r\n{");
            assertThat(second.getInputStream().read()).isEqualTo('H');
            long refused = System.nanoTime();

            assertThat(answer(second)).startsWith("TTP/1.1 429").containsIgnoringCase("connection: close");
            assertThat(Duration.ofNanos(System.nanoTime() - refused)).isGreaterThan(Duration.ofMillis(400));
            assertThat(small.agent("alice")
                            .send(small.agent("alice").modernCall("who", ""))
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void servesNothingSentBehindARequestOfWhoHasTooMuchUnderWay() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        try (Station small = Station.open(
                        settings -> settings.limits(
                                Limits.defaults().inFlightPerIdentity(1).write(Duration.ofSeconds(3))),
                        Station.stuck(entered, new CountDownLatch(1)));
                Socket busy = small.socket("mallory");
                Socket heedless = small.socket("mallory");
                Socket patient = small.socket("mallory")) {
            write(busy, Agent.raw("stuck"));
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

            write(heedless, Agent.raw("stuck") + Agent.raw("stuck"));
            assertThat(heedless.getInputStream().read()).isEqualTo('H');
            write(patient, Agent.raw("stuck"));
            assertThat(patient.getInputStream().read()).isEqualTo('H');
            write(patient, Agent.raw("stuck").replace("Host:", "Connection: close\r\nHost:"));

            assertThat(answer(heedless)).startsWith("TTP/1.1 429").doesNotContain("HTTP/1.1");
            assertThat(answer(patient).split("TTP/1.1 429")).hasSize(3);
        }
    }

    /** A GET without a session, whose answer says so in a few bytes. */
    private static void ask(Http2Peer peer, int stream) throws IOException {
        peer.send(HEADERS, END_HEADERS | END_STREAM, stream, to("GET", "accept", "text/event-stream"));
    }

    /** A resource that does not exist, which the handler finds out. */
    private static void askForNothing(Http2Peer peer, int stream) throws IOException {
        byte[] head = to(
                "POST",
                "content-type",
                "application/json",
                "accept",
                "application/json, text/event-stream",
                "mcp-protocol-version",
                "2026-07-28",
                "mcp-method",
                "resources/read",
                "mcp-name",
                "note:none");
        peer.send(HEADERS, END_HEADERS, stream, head);
        String body = """
                {"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"note:none",%s}}""".formatted(Agent.META);
        peer.send(DATA, END_STREAM, stream, body.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] to(String method, String... more) {
        byte[] first = headers(":method", method, ":scheme", "https", ":path", "/mcp", ":authority", "localhost");
        return ByteBuffer.allocate(first.length + headers(more).length)
                .put(first)
                .put(headers(more))
                .array();
    }

    private static void drip(Socket socket, int bytes, long pauseNanos, int all) {
        try {
            for (int sent = 0; sent < all; sent += bytes) {
                write(socket, " ".repeat(Math.min(bytes, all - sent)));
                LockSupport.parkNanos(pauseNanos);
            }
        } catch (IOException ended) {
            // The other end has had enough, which is for the test to find.
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Everything the server says until it closes the connection, however it does. */
    private static String answer(Socket socket) {
        StringBuilder all = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.append((char) next);
            }
        } catch (IOException aborted) {
            // What was read before counts.
        }
        return all.toString();
    }

    private static long outsideTheHeap() {
        return Outflow.MEMORY.metric().usedDirectMemory();
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
