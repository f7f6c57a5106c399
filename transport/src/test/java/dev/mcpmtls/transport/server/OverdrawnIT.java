// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static dev.mcpmtls.transport.server.Http2Peer.DATA;
import static dev.mcpmtls.transport.server.Http2Peer.END_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.HEADERS;
import static dev.mcpmtls.transport.server.Http2Peer.RST_STREAM;
import static dev.mcpmtls.transport.server.Http2Peer.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Http2Peer.Frame;
import dev.mcpmtls.transport.server.caller.Limits;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Callers with a valid certificate that have more in flight than they may, and how they take their refusals. */
class OverdrawnIT {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Test
    void resetsWhatItWouldRefuseWhenRefusalsAreNotRead() throws Exception {
        byte[] noWindow = {0, 4, 0, 0, 0, 0};
        try (Station tight = Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(2).build()),
                Station.who())) {
            for (int again = 1; again <= 2; again++) {
                try (Http2Peer peer = new Http2Peer(tight, noWindow)) {
                    for (int stream = 1; stream <= 5; stream += 2) {
                        peer.ask(stream);
                    }

                    List<Frame> frames = List.of(peer.next(), peer.next(), peer.next());
                    assertThat(frames).extracting(Frame::stream).containsExactly(1, 3, 5);
                    assertThat(frames).extracting(Frame::type).containsExactly(HEADERS, HEADERS, RST_STREAM);
                    assertThat(frames).noneMatch(frame -> (frame.flags() & END_STREAM) != 0);
                    assertThat(tight.transport().load().unreadRefusals()).isEqualTo(2);
                    assertThat(tight.transport().load().refusalsReset()).isEqualTo(again);
                }
                assertThat(Station.comesTrue(
                                PATIENCE, () -> tight.transport().load().connections() == 0))
                        .isTrue();
                assertThat(Station.comesTrue(
                                PATIENCE, () -> tight.transport().load().unreadRefusals() == 0))
                        .isTrue();
            }
        }
    }

    @Test
    void answersWhatItHasBegunAlsoWhenRefusalsAreNotRead() throws Exception {
        byte[] noWindow = {0, 4, 0, 0, 0, 0};
        try (Station tight = Station.open(
                        settings -> settings.limits(
                                Limits.builder().inFlightPerIdentity(1).build()),
                        Station.who());
                Http2Peer peer = new Http2Peer(tight, noWindow)) {
            peer.ask(1);
            peer.askForNothing(3);
            peer.ask(5);
            peer.send(WINDOW_UPDATE, 0, 3, new byte[] {0, 0, 16, 0});

            List<Frame> frames = List.of(peer.next(), peer.next(), peer.next(), peer.next());
            assertThat(frames)
                    .containsOnlyOnce(new Frame(RST_STREAM, 0, 5), new Frame(DATA, END_STREAM, 3))
                    .extracting(Frame::stream)
                    .containsOnlyOnce(1);
        }
    }

    @Test
    void refusesAsOftenAsItIsAskedWhoReadsWhy() throws Exception {
        try (Station tight = Station.open(
                        settings -> settings.limits(
                                Limits.builder().inFlightPerIdentity(2).build()),
                        Station.who());
                Http2Peer peer = new Http2Peer(tight)) {
            for (int stream = 1; stream <= 9; stream += 2) {
                peer.ask(stream);

                assertThat(peer.answerTo(stream)).contains("error");
            }
        }
    }

    @Test
    void decidesOnNothingForWhoHasNoPlaceInWork() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        try (Station tight = Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(1).build()),
                Station.stuck(entered, new CountDownLatch(1)))) {
            Agent mallory = tight.agent("mallory");
            Agent alice = tight.agent("alice");
            try (Socket busy = tight.socket("mallory")) {
                Station.write(busy, Agent.raw("stuck"));
                assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

                for (String method : List.of("server/discover", "subscriptions/listen")) {
                    assertThat(mallory.send(mallory.modern(method, "", "\"notifications\":{}"))
                                    .status())
                            .isEqualTo(429);
                }
                assertThat(alice.send(alice.modern("server/discover", "", "")).status())
                        .isEqualTo(200);
            }
            assertThat(Station.comesTrue(
                            PATIENCE, () -> tight.transport().load().requestsInFlight() == 0))
                    .isTrue();
            assertThat(mallory.send(mallory.modern("server/discover", "", "")).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void letsNobodyBackAtOnceWhoHasTooMuchUnderWay() throws Exception {
        try (Station small = Station.open(
                        settings -> settings.limits(Limits.builder()
                                .inFlightPerIdentity(1)
                                .writeTimeout(Duration.ofMillis(800))
                                .firstRequestTimeout(Duration.ofSeconds(10))
                                .bodyTimeout(Duration.ofSeconds(10))
                                .build()),
                        Station.who());
                Socket first = small.socket("mallory");
                Socket second = small.socket("mallory")) {
            Station.write(first, Agent.HEAD + "Content-Length: 4000\r\n\r\n{");
            assertThat(Station.comesTrue(
                            PATIENCE, () -> small.transport().load().requestsArriving() == 1))
                    .isTrue();
            Station.write(second, Agent.HEAD + "Content-Length: 4000\r\n\r\n{");
            assertThat(second.getInputStream().read()).isEqualTo('H');
            long refused = System.nanoTime();

            assertThat(Station.answer(second)).startsWith("TTP/1.1 429").containsIgnoringCase("connection: close");
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
                        settings -> settings.limits(Limits.builder()
                                .inFlightPerIdentity(1)
                                .writeTimeout(Duration.ofSeconds(3))
                                .build()),
                        Station.stuck(entered, new CountDownLatch(1)));
                Socket busy = small.socket("mallory");
                Socket heedless = small.socket("mallory");
                Socket patient = small.socket("mallory")) {
            Station.write(busy, Agent.raw("stuck"));
            assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

            Station.write(heedless, Agent.raw("stuck") + Agent.raw("stuck"));
            assertThat(heedless.getInputStream().read()).isEqualTo('H');
            Station.write(patient, Agent.raw("stuck"));
            assertThat(patient.getInputStream().read()).isEqualTo('H');
            Station.write(patient, Agent.raw("stuck").replace("Host:", "Connection: close\r\nHost:"));

            assertThat(Station.answer(heedless)).startsWith("TTP/1.1 429").doesNotContain("HTTP/1.1");
            assertThat(Station.answer(patient).split("TTP/1.1 429")).hasSize(3);
        }
    }
}
