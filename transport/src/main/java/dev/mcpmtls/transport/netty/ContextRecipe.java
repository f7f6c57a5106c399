// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLException;

/**
 * The settings that stay the same from one generation of contexts to the next. They demand a client certificate, so no
 * reload can drop it.
 *
 * @param applicationProtocols in order of preference; empty for no ALPN
 */
record ContextRecipe(Side side, TlsProfile profile, List<String> applicationProtocols) {

    /** TLS 1.3, then the TLS 1.2 suites with forward secrecy and authenticated encryption (RFC 9325, section 4.2). */
    private static final List<String> SAFE_CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /**
     * Bytes that each connection keeps for what BoringSSL sends while it reads, an alert or an answer to a key update. BoringSSL keeps the
     * rest until Netty asks for it. Netty's own choice, 2,048, is a tenth of an idle connection.
     */
    private static final int UNASKED_OUTPUT = 128;

    SslContext make(Credential credential, VerifyingTrustManager trust) throws SSLException {
        SslContextBuilder builder = side == Side.SERVER
                ? SslContextBuilder.forServer(keys(credential)).clientAuth(ClientAuth.REQUIRE)
                : SslContextBuilder.forClient().keyManager(keys(credential)).endpointIdentificationAlgorithm("");
        List<String> suites = profile.cipherSuites().isEmpty() ? SAFE_CIPHER_SUITES : profile.cipherSuites();
        builder.trustManager(trust)
                .protocols(profile.minVersion().andNewer())
                .ciphers(suites, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(alpn());
        if (profile.engine() == TlsEngine.JDK) {
            return builder.sslProvider(SslProvider.JDK).build();
        }
        SslContext made = builder.sslProvider(SslProvider.OPENSSL)
                .option(OpenSslContextOption.GROUPS, profile.groups().toArray(new String[0]))
                .enableOcsp(side == Side.SERVER)
                .build();
        ((ReferenceCountedOpenSslContext) made).setBioNonApplicationBufferSize(UNASKED_OUTPUT);
        return made;
    }

    private ApplicationProtocolConfig alpn() {
        return applicationProtocols.isEmpty()
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        applicationProtocols);
    }

    /** BoringSSL parses the key once a context, not once a handshake: the caching factory says that it may. */
    private KeyManagerFactory keys(Credential credential) {
        KeyManagerFactory factory = new OneKeyManagerFactory(new CredentialKeyManager(credential));
        return profile.engine() == TlsEngine.JDK ? factory : new OpenSslCachingX509KeyManagerFactory(factory);
    }

    private static final class OneKeyManagerFactory extends SimpleKeyManagerFactory {

        private final KeyManager manager;

        OneKeyManagerFactory(KeyManager manager) {
            this.manager = manager;
        }

        @Override
        protected void engineInit(KeyStore keyStore, char[] password) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {manager};
        }
    }
}
