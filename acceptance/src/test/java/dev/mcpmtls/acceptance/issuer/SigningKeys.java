// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The keys (EC P-256) that sign tokens: the newest first, which is the one in use; all of them are published. Thread-safe. */
final class SigningKeys implements JWKSource<SecurityContext> {

    private volatile JWKSet keys = new JWKSet(key());

    /** Signs with a new key from now on, and publishes it alone: tokens of the old one are good nowhere any more. */
    void replace() {
        keys = new JWKSet(key());
    }

    /** Signs with a new key from now on, and still publishes the old ones. */
    void add() {
        keys = new JWKSet(List.of(key(), keys.getKeys().get(0)));
    }

    ECKey current() {
        return keys.getKeys().get(0).toECKey();
    }

    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        return selector.select(keys);
    }

    private static ECKey key() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyID(UUID.randomUUID().toString())
                    .keyUse(KeyUse.SIGNATURE)
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
