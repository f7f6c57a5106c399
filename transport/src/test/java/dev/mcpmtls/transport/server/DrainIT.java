// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server behind a balancer, before it stops: no call is cut off, and every client learns that it should connect again. */
@Timeout(60)
class DrainIT {

    private final Station station = Station.open(Station.who());

    @Test
    void aKeptConnectionClosesAfterItsNextAnswer() throws Exception {
        try (station;
                Socket kept = station.socket("alice");
                Socket draining = station.socket("alice")) {
            Station.write(kept, Agent.raw("who"));
            assertThat(head(kept)).contains(" 200 ").doesNotContainIgnoringCase("connection: close");

            station.transport().drain();

            // Its requests that came together are not: their client knows which of them ran.
            Station.write(draining, Agent.raw("who") + Agent.raw("who"));
            assertThat(Station.answer(draining)).containsOnlyOnce(" 200 ").containsIgnoringCase("connection: close");
            assertThat(station.agent("bob")
                            .send(station.agent("bob").modernCall("who", ""))
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void http2LearnsItWithoutLosingAStreamThatIsOnItsWay() throws Exception {
        try (station;
                Http2Peer peer = new Http2Peer(station)) {
            peer.askForNothing(1);
            assertThat(peer.answerTo(1)).contains("note:none");

            station.transport().drain();

            assertThat(peer.goodbye()).isZero();
            peer.askForNothing(3);
            assertThat(peer.answerTo(3)).contains("note:none");
        }
    }

    private static String head(Socket socket) throws Exception {
        StringBuilder head = new StringBuilder();
        while (!head.toString().contains("\r\n\r\n")) {
            head.append((char) socket.getInputStream().read());
        }
        return head.toString();
    }
}
