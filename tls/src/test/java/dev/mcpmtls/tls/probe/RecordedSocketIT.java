// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RecordedSocketIT {

    @Test
    void whoNeverEndsIsGivenUp() throws Exception {
        try (ServerSocket listening = listening();
                RecordedSocket socket = new RecordedSocket()) {
            socket.connect(listening.getLocalSocketAddress());
            Thread peer = new Thread(() -> writeForEver(listening));
            peer.setDaemon(true);
            peer.start();
            socket.allow(Duration.ofMillis(50));
            assertThatThrownBy(() -> readToTheEnd(socket)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void whoEndsInTimeIsReadToTheEnd() throws Exception {
        try (ServerSocket listening = listening();
                RecordedSocket socket = new RecordedSocket()) {
            socket.connect(listening.getLocalSocketAddress());
            socket.allow(Duration.ofSeconds(20));
            try (Socket peer = listening.accept()) {
                peer.getOutputStream().write(new byte[10]);
            }
            assertThat(readToTheEnd(socket)).isEqualTo(10);
        }
    }

    private static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static void writeForEver(ServerSocket listening) {
        try (Socket peer = listening.accept()) {
            while (true) {
                peer.getOutputStream().write(1);
            }
        } catch (IOException closed) {
            // The other end has had enough.
        }
    }

    private static int readToTheEnd(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        int count = 0;
        while (in.read() >= 0) {
            count++;
        }
        return count;
    }
}
