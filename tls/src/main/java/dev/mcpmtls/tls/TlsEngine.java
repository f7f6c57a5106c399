// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import io.netty.handler.ssl.OpenSsl;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which implementation of TLS is used. */
public enum TlsEngine {
    /** BoringSSL where its native library loads, else the JDK's. */
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
     * @throws UnusableEngineException when BoringSSL is asked for and its native library does not load
     */
    TlsEngine resolve() {
        boolean loads = this != JDK && OpenSsl.isAvailable() && "BoringSSL".equals(OpenSsl.versionString());
        if (this == BORINGSSL && !loads) {
            throw new UnusableEngineException(
                    "BoringSSL's native library does not load here (" + OpenSsl.unavailabilityCause()
                            + "); use the engine 'auto' or 'jdk'",
                    OpenSsl.unavailabilityCause());
        }
        return loads ? BORINGSSL : JDK;
    }

    /**
     * Asks whether OCSP responses can be stapled; where {@link #AUTO} has fallen back, that they are not is only logged.
     *
     * @param used what this choice has resolved to
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
