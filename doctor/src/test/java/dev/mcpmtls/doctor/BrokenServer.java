// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.testkit.Issued;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** A server made of JDK parts that does one thing wrong, and answers everything with the same text. */
final class BrokenServer implements AutoCloseable {

    private final ServerSocket listening;
    private final Thread thread;

    private BrokenServer(ServerSocket listening, @Nullable String answer) {
        this.listening = listening;
        this.thread = new Thread(() -> serve(answer), "broken-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** A server without TLS; one that says nothing when there is no answer. */
    static BrokenServer plain(@Nullable String answer) throws IOException {
        return new BrokenServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    }

    /** A TLS server that trusts one authority. */
    static BrokenServer tls(
            Issued own, X509Certificate anchor, @Nullable String answer, Consumer<SSLServerSocket> wrong)
            throws Exception {
        return tls(own, own.privateKey(), anchor, answer, wrong);
    }

    static BrokenServer tls(
            Issued own,
            PrivateKey key,
            X509Certificate anchor,
            @Nullable String answer,
            Consumer<SSLServerSocket> wrong)
            throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                new KeyManager[] {new Presenting(own, key)}, trusting(anchor).getTrustManagers(), null);
        SSLServerSocket socket = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setNeedClientAuth(true);
        wrong.accept(socket);
        return new BrokenServer(socket, answer);
    }

    int port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private void serve(@Nullable String answer) {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                Thread one = new Thread(() -> answer(socket, answer), "broken-connection");
                one.setDaemon(true);
                one.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void answer(Socket socket, @Nullable String answer) {
        try (socket) {
            InputStream in = socket.getInputStream();
            if (answer == null) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
                return;
            }
            if (in.read(new byte[4096]) > 0) {
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException refused) {
            // The other end knows.
        }
    }

    private static TrustManagerFactory trusting(X509Certificate anchor) throws GeneralSecurityException {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            anchors.setCertificateEntry("ca", anchor);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            return trust;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Presents any chain with any key. */
    private static final class Presenting extends X509ExtendedKeyManager {

        private final Issued own;
        private final PrivateKey key;

        Presenting(Issued own, PrivateKey key) {
            this.own = own;
            this.key = key;
        }

        @Override
        public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
            return keyType.equals("EC") ? "server" : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return own.chain().toArray(new X509Certificate[0]);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {"server"};
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] keyType, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }
    }
}
