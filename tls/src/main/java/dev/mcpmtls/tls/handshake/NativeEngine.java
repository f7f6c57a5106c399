// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import java.util.Optional;

/** BoringSSL, where a module beside this one provides it; found by {@link java.util.ServiceLoader}. */
public interface NativeEngine {

    /** Whether its native library is loaded and is BoringSSL. */
    boolean loads();

    /** Why it does not load; empty when it loads, or when its library is another one. */
    Optional<Throwable> unavailabilityCause();
}
