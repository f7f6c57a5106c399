// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.keys;

import dev.mcpmtls.oauth.resource.fetch.FetchFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The usable keys of a JWK set (RFC 7517, section 5). Immutable. */
public final class KeySet {

    private static final int MAX_KEYS = 100;

    private final Object published;
    private final List<VerificationKey> keys;

    private KeySet(Object published, List<VerificationKey> keys) {
        this.published = published;
        this.keys = List.copyOf(keys);
    }

    /**
     * The usable keys of a document; the others are left out.
     *
     * @throws FetchFailedException when it is no JWK set, is too long, or has no usable key
     */
    static KeySet of(Map<String, Object> document) {
        if (!(document.get("keys") instanceof List<?> published)) {
            throw new FetchFailedException("the document is not a JWK set");
        }
        if (published.size() > MAX_KEYS) {
            throw new FetchFailedException("the JWK set has more than " + MAX_KEYS + " keys");
        }
        List<VerificationKey> keys = new ArrayList<>();
        for (Object key : published) {
            if (key instanceof Map<?, ?> members) {
                VerificationKey.of(named(members)).ifPresent(keys::add);
            }
        }
        if (keys.isEmpty()) {
            throw new FetchFailedException("no key in the JWK set can be used (keys in it: " + published.size()
                    + "): RSA of 2048 to 8192 bits, P-256, P-384 or P-521, for"
                    + " signatures");
        }
        return new KeySet(published, keys);
    }

    @SuppressWarnings("unchecked") // names of members of a parsed JSON object are strings
    private static Map<String, Object> named(Map<?, ?> members) {
        return (Map<String, Object>) members;
    }

    /** The one key that fits a token's header; empty when none does, or several do and the token does not say which. */
    public Optional<VerificationKey> find(String algorithm, Optional<String> keyId) {
        List<VerificationKey> fitting =
                keys.stream().filter(key -> key.fits(algorithm, keyId)).toList();
        return fitting.size() == 1 ? Optional.of(fitting.get(0)) : Optional.empty();
    }

    /** Whether both were published with the same keys. */
    boolean isSameAs(KeySet other) {
        return published.equals(other.published);
    }
}
