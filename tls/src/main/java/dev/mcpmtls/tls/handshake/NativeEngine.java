// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import org.jspecify.annotations.Nullable;

/** BoringSSL, where a module beside this one provides it; found by {@link java.util.ServiceLoader}. */
public interface NativeEngine {

    /** Whether its native library is loaded and is BoringSSL. */
    boolean loads();

    /** Why it does not load; null when it loads, or when its library is another one. */
    @Nullable
    Throwable unavailabilityCause();
}
