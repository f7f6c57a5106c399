// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.tls;

import io.netty.handler.ssl.OpenSsl;
import java.util.Locale;

/** Which implementation of TLS is used. */
public enum TlsEngine {
    /** BoringSSL where its native library loads, else the JDK's. */
    AUTO,
    /** BoringSSL: exact alerts, X25519MLKEM768, handshakes at a fraction of the JDK's cost. */
    BORINGSSL,
    /** The JDK's: no native code; a server's alert for a refused certificate is always {@code certificate_unknown}. */
    JDK;

    /** The word users write, for example {@code boringssl}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The engine that is really used, never {@link #AUTO}.
     *
     * @throws IllegalStateException when BoringSSL is asked for and its native library does not load
     */
    TlsEngine resolve() {
        boolean loads = this != JDK && OpenSsl.isAvailable() && "BoringSSL".equals(OpenSsl.versionString());
        if (this == BORINGSSL && !loads) {
            throw new IllegalStateException(
                    "BoringSSL's native library does not load here (" + OpenSsl.unavailabilityCause()
                            + "); use the engine 'auto' or 'jdk'",
                    OpenSsl.unavailabilityCause());
        }
        return loads ? BORINGSSL : JDK;
    }
}
