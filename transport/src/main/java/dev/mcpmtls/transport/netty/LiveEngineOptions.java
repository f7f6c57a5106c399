// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.PeerJudge;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Vert.x's way in for a context of our own; of what Vert.x would configure only the ALPN protocols are taken. */
final class LiveEngineOptions extends SSLEngineOptions {

    private final TlsProfile profile;
    private final PeerJudge judge;
    private final Consumer<TlsConnection> accepted;

    LiveEngineOptions(TlsProfile profile, PeerJudge judge, Consumer<TlsConnection> accepted) {
        this.profile = profile;
        this.judge = judge;
        this.accepted = accepted;
        // Keys seen for the first time are written to a file, which is no work for an event loop.
        setUseWorkerThread(judge.verifier().policy().knownPeers().isPresent());
    }

    @Override
    public LiveEngineOptions copy() {
        return this;
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new Factory();
    }

    private final class Factory implements SslContextFactory {

        private List<String> protocols = List.of();

        @Override
        public SslContextFactory applicationProtocols(@Nullable List<String> applicationProtocols) {
            protocols = applicationProtocols == null ? List.of() : List.copyOf(applicationProtocols);
            return this;
        }

        @Override
        public SslContext create() throws SSLException {
            return new LiveSslContext(profile, judge, new ContextRecipe(judge.side(), profile, protocols), accepted);
        }
    }
}
