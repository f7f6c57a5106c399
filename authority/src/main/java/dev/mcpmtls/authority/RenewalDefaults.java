// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import java.net.URI;
import java.util.Optional;

/**
 * How credentials are renewed over the network, beside what the file {@link RenewalSource} of each says.
 *
 * @param est the EST server of credentials that have no such file and are not from the authority of the store
 * @param rekey whether each renewal makes a new key
 */
public record RenewalDefaults(Optional<URI> est, boolean rekey) {

    /** No other EST server, and the key stays. */
    public static RenewalDefaults none() {
        return new RenewalDefaults(Optional.empty(), false);
    }

    /** The source of a credential; empty when nothing says where it is renewed. */
    Optional<RenewalSource> source(Optional<RenewalSource> own, boolean isOfThisStore) {
        return own.or(() -> isOfThisStore ? Optional.empty() : est.map(RenewalSource::of))
                .map(found -> found.rekeying(rekey));
    }
}
