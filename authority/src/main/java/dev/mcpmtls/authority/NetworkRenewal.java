// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.ServiceLoader;

/** Renews credentials at an authority elsewhere. A service: {@code mcp-mtls-enrolment} provides it. Thread-safe. */
public interface NetworkRenewal {

    /** Implemented by failures after which another attempt has to wait (RFC 7030, section 4.2.3). */
    interface Deferred {

        /** The time until the server may be asked again. */
        Duration atLeast();
    }

    /** The implementation on the class path; empty without {@code mcp-mtls-enrolment}. */
    static Optional<NetworkRenewal> find() {
        return ServiceLoader.load(NetworkRenewal.class, NetworkRenewal.class.getClassLoader())
                .findFirst();
    }

    /**
     * Renews a credential of the store, and brings its trust anchors and the store's CRLs up to date. Blocks for at most some 30 seconds.
     *
     * @param outdated the certificate that is due; does nothing when another process has replaced it meanwhile
     * @throws RuntimeException when it failed; the message says why, with the remedy
     */
    void renew(Store store, String name, RenewalSource source, X509Certificate outdated, Surroundings surroundings);

    /**
     * Brings the store's CRLs up to date, if the source publishes any. Blocks for at most some 10 seconds.
     *
     * @throws RuntimeException when it failed
     */
    void refreshRevocationLists(Store store, String name, RenewalSource source, Surroundings surroundings);
}
