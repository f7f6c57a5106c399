// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.tls.handshake.NativeEngine;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An implementation of TLS. BoringSSL comes with {@code mcp-mtls-transport}; without it there is the JDK's alone. */
public enum TlsEngine {
    /** BoringSSL where it is on the class path and its native library loads, else the JDK's. */
    AUTO,
    /** BoringSSL: exact alerts, X25519MLKEM768, handshakes at a fraction of the JDK's cost. */
    BORINGSSL,
    /** The JDK's: no native code; a server's alert for a refused certificate is always {@code certificate_unknown}. */
    JDK;

    private static final Logger LOG = LoggerFactory.getLogger(TlsEngine.class);
    private static final String STAPLING_REMEDY = "use BoringSSL, or configure no response";

    /** The word users write, for example {@code boringssl}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The engine that is really used, never {@link #AUTO}.
     *
     * @throws UnusableEngineException when BoringSSL is asked for, and is not on the class path or does not load
     */
    TlsEngine resolve() {
        if (this == JDK) {
            return JDK;
        }
        Optional<NativeEngine> boringSsl = ServiceLoader.load(NativeEngine.class, TlsEngine.class.getClassLoader())
                .findFirst();
        boolean loads = boringSsl.filter(NativeEngine::loads).isPresent();
        if (this == BORINGSSL && !loads) {
            throw unusable(boringSsl);
        }
        return loads ? BORINGSSL : JDK;
    }

    private static UnusableEngineException unusable(Optional<NativeEngine> boringSsl) {
        @Nullable
        Throwable cause = boringSsl.flatMap(NativeEngine::unavailabilityCause).orElse(null);
        String why = boringSsl.isPresent()
                ? "BoringSSL's native library does not load here (" + cause + ")"
                : "cannot use BoringSSL: it comes with mcp-mtls-transport, which is not on the class path";
        return new UnusableEngineException(why + "; use the engine 'auto' or 'jdk'", cause);
    }

    /**
     * Asks whether OCSP responses can be stapled; where {@link #AUTO} has fallen back, that they are not is only logged.
     *
     * @param used the engine that this choice resolved to
     * @throws UnusableEngineException when this is an engine that cannot
     */
    void requireStapling(TlsEngine used) {
        if (this == JDK) {
            throw new UnusableEngineException(
                    "the TLS engine 'jdk' cannot staple an OCSP response; " + STAPLING_REMEDY, null);
        }
        if (used == JDK) {
            LOG.warn(
                    "no OCSP response is stapled: the TLS engine in use is the JDK's, which cannot; {}",
                    STAPLING_REMEDY);
        }
    }
}
