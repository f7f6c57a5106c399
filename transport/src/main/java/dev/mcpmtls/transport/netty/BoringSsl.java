// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.tls.handshake.NativeEngine;
import io.netty.handler.ssl.OpenSsl;
import org.jspecify.annotations.Nullable;

/** BoringSSL as Netty brings it. Public only for {@link java.util.ServiceLoader}. */
public final class BoringSsl implements NativeEngine {

    /** Loads nothing yet. */
    public BoringSsl() {}

    @Override
    public boolean loads() {
        return OpenSsl.isAvailable() && "BoringSSL".equals(OpenSsl.versionString());
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
        return OpenSsl.unavailabilityCause();
    }
}
