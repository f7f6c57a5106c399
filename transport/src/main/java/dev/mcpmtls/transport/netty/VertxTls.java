// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.PeerJudge;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClientBuilder;
import io.vertx.core.http.HttpServerBuilder;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Puts a {@link TlsProfile} under the HTTP servers and clients of Vert.x.
 *
 * <p>Both sides always present a certificate and always verify the peer's, in full and in resumed handshakes. Connections whose
 * peer's verdict lapses are closed within five seconds, busy or idle.
 */
public final class VertxTls {

    private VertxTls() {}

    /**
     * Puts a profile under a server. Look up each connection's peer with {@link TlsConnection#of} and serve none without.
     *
     * @return {@code server}
     */
    public static HttpServerBuilder secure(HttpServerBuilder server, TlsProfile profile) {
        PeerJudge judge = new PeerJudge(Side.SERVER, profile.verifier(), Optional.empty());
        ServerSSLOptions options = new ServerSSLOptions().setClientAuth(ClientAuth.REQUIRED);
        apply(profile, judge, options);
        return server.with(options).with(new LiveEngineOptions(profile, judge, accepted -> {}));
    }

    /** Puts a profile under a client that expects each server to own the name that is dialled. */
    public static HttpClientBuilder secure(HttpClientBuilder client, TlsProfile profile) {
        return secure(client, profile, Optional.empty(), accepted -> {});
    }

    /**
     * Puts a profile under a client.
     *
     * @param expected the server's identity where it is not the host that is dialled, for example its SPIFFE ID
     * @param accepted receives each connection whose server was accepted, on its event loop, before HTTP begins: in TLS 1.3 a
     *     server may still refuse us then
     * @return {@code client}
     */
    public static HttpClientBuilder secure(
            HttpClientBuilder client,
            TlsProfile profile,
            Optional<Identity> expected,
            Consumer<TlsConnection> accepted) {
        profile.warnOfObjections();
        PeerJudge judge = new PeerJudge(Side.CLIENT, profile.verifier(), expected);
        // The verifier matches names, so Vert.x and the engine must not.
        ClientSSLOptions options = new ClientSSLOptions().setHostnameVerificationAlgorithm("");
        apply(profile, judge, options);
        return client.with(options).with(new LiveEngineOptions(profile, judge, accepted));
    }

    private static void apply(TlsProfile profile, PeerJudge judge, SSLOptions options) {
        options.setTrustOptions(TrustOptions.wrap(new VerifyingTrustManager(judge, profile.engine())))
                .setEnabledSecureTransportProtocols(
                        Set.copyOf(profile.minVersion().andNewer()))
                .setUseAlpn(true)
                .setSslHandshakeTimeout(profile.handshakeTimeout().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        if (profile.engine() == TlsEngine.JDK && Runtime.version().feature() >= 20) {
            options.setKeyExchangeGroups(
                    profile.groups().stream().map(VertxTls::jdkGroup).toList());
        }
    }

    /** JSSE's name of a group; JSSE ignores those it does not know. */
    private static String jdkGroup(String group) {
        return switch (group) {
            case "X25519" -> "x25519";
            case "P-256" -> "secp256r1";
            case "P-384" -> "secp384r1";
            case "P-521" -> "secp521r1";
            default -> group;
        };
    }
}
