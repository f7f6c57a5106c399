// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.SpiffeId;
import java.time.Duration;
import java.util.Optional;

/**
 * The properties of a new authority.
 *
 * @param trustDomain for example {@code demo.local}; the organisation in the authority's name
 * @param key the type of its key
 * @param lifetime of the trust anchor, and of the intermediate if there is one
 * @param hierarchy whether leaves are signed by the root
 * @param token where its key is; empty when it is in a file of the store
 */
public record AuthorityProfile(
        String trustDomain, KeyType key, Duration lifetime, Hierarchy hierarchy, Optional<Pkcs11Key> token) {

    private static final Duration LONGEST = Duration.ofDays(36525);

    /** The signer of leaves. */
    public enum Hierarchy {
        /** The root itself. */
        ROOT_ONLY,
        /** An intermediate; the root's key ({@code root.key}) can then be moved off the machine. */
        INTERMEDIATE
    }

    /** Checks the trust domain and the lifetime. */
    public AuthorityProfile {
        trustDomain = new SpiffeId(trustDomain, "").trustDomain();
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException("an authority's lifetime is at least a minute, not " + lifetime);
        }
        if (lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "an authority's lifetime is at most 36525 days (100 years), not " + lifetime.toDays());
        }
    }

    /** EC P-256, ten years, leaves signed by the root. */
    public static AuthorityProfile standard(String trustDomain) {
        return new AuthorityProfile(
                trustDomain, KeyType.EC_P256, Duration.ofDays(3650), Hierarchy.ROOT_ONLY, Optional.empty());
    }

    /** The same with its key in a token. */
    public AuthorityProfile in(Pkcs11Key replacement) {
        return new AuthorityProfile(trustDomain, key, lifetime, hierarchy, Optional.of(replacement));
    }

    /** The same with another hierarchy. */
    public AuthorityProfile with(Hierarchy replacement) {
        return new AuthorityProfile(trustDomain, key, lifetime, replacement, token);
    }
}
