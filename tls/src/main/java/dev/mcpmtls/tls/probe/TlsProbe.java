// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.probe;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.handshake.ServerTrustManager;
import dev.mcpmtls.trust.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Looks closely at one TLS handshake with a server, for a diagnosis: what it presents, what it asks for, and how it ends. The
 * server's certificate is noted, not verified. To send anything, {@link #exchange} needs the {@link Peer} that a verifier made of this
 * very chain. Uses the JDK's engine, which reveals more than others; for one thread.
 */
public final class TlsProbe implements AutoCloseable {

    private static final int MAX_ANSWER = 64 * 1024;

    private final RecordedSocket tcp;
    private final Duration timeout;
    private final InetSocketAddress local;
    private final Noted noted = new Noted();
    private @Nullable SSLSocket tls;
    private @Nullable HandshakeFailure failure;

    private TlsProbe(RecordedSocket tcp, Duration timeout) {
        this.tcp = tcp;
        this.timeout = timeout;
        this.local = (InetSocketAddress) tcp.getLocalSocketAddress();
    }

    /**
     * Connects and shakes hands.
     *
     * @param name the server's name, for server name indication
     * @param own the credential to present if the server asks
     * @param timeout for each step, however slowly it goes on
     * @throws IOException when there is no TCP connection; a failed handshake is in {@link #failure}
     */
    public static TlsProbe connect(
            InetSocketAddress address, String name, Credential own, TlsVersion oldest, Duration timeout)
            throws IOException {
        return connect(address, name, Optional.of(own), oldest, timeout);
    }

    private static TlsProbe connect(
            InetSocketAddress address, String name, Optional<Credential> own, TlsVersion oldest, Duration timeout)
            throws IOException {
        RecordedSocket tcp = new RecordedSocket();
        try {
            tcp.connect(address, (int) timeout.toMillis());
            tcp.allow(timeout);
        } catch (IOException e) {
            tcp.close();
            throw e;
        }
        TlsProbe probe = new TlsProbe(tcp, timeout);
        probe.shakeHands(name, own, oldest);
        return probe;
    }

    /**
     * As {@link #connect(InetSocketAddress, String, Credential, TlsVersion, Duration)}, without a credential, to look at {@link
     * #chain}.
     */
    public static TlsProbe connect(InetSocketAddress address, String name, Duration timeout) throws IOException {
        return connect(address, name, Optional.empty(), TlsVersion.TLS_1_2, timeout);
    }

    private void shakeHands(String name, Optional<Credential> own, TlsVersion oldest) throws IOException {
        SSLSocket socket = (SSLSocket) context(own).getSocketFactory().createSocket(tcp, name, tcp.getPort(), true);
        tls = socket;
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(oldest.andNewer().toArray(new String[0]));
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        try {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        } catch (IllegalArgumentException address) {
            parameters.setServerNames(List.of());
        }
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (IOException e) {
            failure = failed(e);
        }
    }

    private SSLContext context(Optional<Credential> own) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            KeyManager[] keys = own.stream().map(noted::presenting).toArray(KeyManager[]::new);
            context.init(keys, new TrustManager[] {noted}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    /** Where the connection comes from, as the server's log shows it, unless addresses are translated in between. */
    public InetSocketAddress local() {
        return local;
    }

    /** The server's address. */
    public InetSocketAddress remote() {
        return (InetSocketAddress) tcp.getRemoteSocketAddress();
    }

    /** The id under which the server's log has this connection; empty when the handshake did not get that far. */
    public Optional<String> connectionId() {
        return tcp.connectionId();
    }

    /** Why the handshake did not complete, as far as is known yet: in TLS 1.3 the server still has our certificate to verify. */
    public Optional<HandshakeFailure> failure() {
        return Optional.ofNullable(failure);
    }

    /** The chain that the server presented, leaf first; empty when the handshake did not get that far. */
    public Optional<Chain> chain() {
        return Optional.ofNullable(noted.chain);
    }

    /** Whether the server asked for a certificate. */
    public boolean asksForCertificate() {
        return noted.authorities != null;
    }

    /** The authorities whose certificates the server says it takes; empty for any. */
    public List<X500Principal> authorities() {
        List<X500Principal> asked = noted.authorities;
        return asked == null ? List.of() : asked;
    }

    /** The version and the cipher suite, for example {@code TLSv1.3, TLS_AES_128_GCM_SHA256}; after a completed handshake. */
    public String agreed() {
        SSLSocket socket = socket();
        return socket.getSession().getProtocol() + ", " + socket.getSession().getCipherSuite();
    }

    /**
     * Sends a request to a server that was accepted, and reads the beginning of its answer.
     *
     * @param server made by a verifier of {@link #chain}
     * @return the answer as Latin-1 text, at most 64 KiB, until the server pauses or closes, or the timeout
     * @throws IllegalArgumentException when the peer is another one
     * @throws IOException when there is no answer; {@link #failed} says what that means
     */
    public String exchange(Peer server, String request) throws IOException {
        if (chain().filter(server.chain()::equals).isEmpty()) {
            throw new IllegalArgumentException("not the peer at the other end: " + server);
        }
        tcp.allow(timeout);
        socket().getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        return read(socket());
    }

    /** Waits for what the server has to say about our certificate, without saying anything to it. */
    public Optional<HandshakeFailure> awaitRefusal(Duration patience) {
        try {
            tcp.allow(patience);
            return socket().getInputStream().read() < 0 ? Optional.of(new HandshakeFailure.Closed()) : Optional.empty();
        } catch (SocketTimeoutException silence) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(failed(e));
        }
    }

    /** The meaning of a failure of this connection. */
    public static HandshakeFailure failed(IOException thrown) {
        return thrown instanceof SocketTimeoutException ? new HandshakeFailure.TimedOut() : HandshakeFailure.of(thrown);
    }

    /** Says something in the clear, to find out what a server that speaks no TLS is. */
    public static String exchangeInTheClear(InetSocketAddress address, String request, Duration timeout)
            throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) timeout.toMillis());
            socket.setSoTimeout((int) timeout.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return read(socket);
        }
    }

    @Override
    public void close() throws IOException {
        tcp.close();
    }

    private SSLSocket socket() {
        SSLSocket socket = tls;
        if (socket == null) {
            throw new IllegalStateException("no handshake yet");
        }
        return socket;
    }

    private static String read(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] part = new byte[8 * 1024];
        long end = System.nanoTime() + Duration.ofMillis(socket.getSoTimeout()).toNanos();
        try {
            for (int count = in.read(part);
                    count >= 0 && answer.size() < MAX_ANSWER && System.nanoTime() - end < 0;
                    count = in.read(part)) {
                answer.write(part, 0, count);
            }
        } catch (SocketTimeoutException pause) {
            if (answer.size() == 0) {
                throw pause;
            }
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    /** Notes the chain that the server presents and the authorities that it names; verifies nothing. */
    private static final class Noted extends ServerTrustManager {

        private @Nullable Chain chain;
        private @Nullable List<X500Principal> authorities;

        KeyManager presenting(Credential own) {
            return new CredentialKeyManager(own) {
                @Override
                public String chooseClientAlias(
                        String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
                    Principal[] named = issuers == null ? new Principal[0] : issuers;
                    authorities = List.of(named).stream()
                            .map(principal -> new X500Principal(principal.getName()))
                            .toList();
                    return super.chooseClientAlias(keyTypes, issuers, socket);
                }
            };
        }

        @Override
        protected void check(X509Certificate[] presented, @Nullable SSLSession handshake) {
            chain = new Chain(List.of(presented));
        }
    }
}
