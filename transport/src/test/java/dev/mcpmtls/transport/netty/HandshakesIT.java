// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Strangers that connect and say nothing. */
class HandshakesIT {

    private final Pki pki = new Pki("Test Root");
    private final ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(pki.anchors()), InstantSource.system());
    private final List<Socket> open = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Test
    void oneAddressHasAQuarterOfThePlacesAndLeavesThemWhenItGoes() throws Exception {
        try (TestServer server = new TestServer(profile(8))) {
            Socket first = connect(server, "127.0.0.1");
            Socket second = connect(server, "127.0.0.1");
            assertThat(isLeftConnected(first)).isTrue();
            assertThat(isLeftConnected(second)).isTrue();

            assertThat(isLeftConnected(connect(server, "127.0.0.1"))).isFalse();
            assertThat(isLeftConnected(connect(server, "127.0.0.2"))).isTrue();

            first.close();
            boolean again = false;
            for (int i = 0; i < 50 && !again; i++) {
                again = isLeftConnected(connect(server, "127.0.0.1"));
            }
            assertThat(again).isTrue();
        }
    }

    @Test
    void allTogetherHaveNoMoreThanThereAre() throws Exception {
        try (TestServer server = new TestServer(profile(4))) {
            for (int i = 1; i <= 4; i++) {
                assertThat(isLeftConnected(connect(server, "127.0.0." + i))).isTrue();
            }

            assertThat(isLeftConnected(connect(server, "127.0.0.5"))).isFalse();
        }
    }

    private TlsProfile profile(int maxHandshakes) {
        return TlsProfile.builder(CredentialSource.fixed(pki.issue("weather")), verifier)
                .maxHandshakes(maxHandshakes)
                .build();
    }

    private Socket connect(TestServer server, String from) throws IOException {
        Socket socket = new Socket();
        open.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        socket.setSoTimeout(400);
        return socket;
    }

    private static boolean isLeftConnected(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } catch (SocketException reset) {
            return false;
        }
    }
}
