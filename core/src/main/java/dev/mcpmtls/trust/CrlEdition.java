// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Printable;
import java.math.BigInteger;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/**
 * The place of a CRL among its issuer's successive ones.
 *
 * @param source where it came from, for messages
 * @param authorityKey the key identifier of the issuer's key, in hexadecimal; empty when it names none
 * @param scope the extensions that limit it: each scope has numbers of its own
 * @param number empty when there is none or it cannot be read
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5280#section-5.2.3">RFC 5280, section 5.2.3</a>
 */
record CrlEdition(
        String source,
        X500Principal issuer,
        Optional<String> authorityKey,
        Set<String> scope,
        Optional<BigInteger> number,
        Instant thisUpdate) {

    private static final String CRL_NUMBER = "2.5.29.20";
    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final int MAX_NUMBER_BITS = 20 * 8;

    static CrlEdition of(String source, X509CRL crl, Set<String> scope) {
        return new CrlEdition(
                source,
                crl.getIssuerX500Principal(),
                extension(crl, AUTHORITY_KEY).flatMap(CrlEdition::keyIdentifier),
                scope,
                extension(crl, CRL_NUMBER).flatMap(CrlEdition::number),
                crl.getThisUpdate().toInstant());
    }

    /** Whether both have the same issuer, key and scope. When one of them names no key, the issuer's name decides. */
    boolean isOfSameSeries(CrlEdition other) {
        boolean isOtherKey =
                authorityKey.isPresent() && other.authorityKey.isPresent() && !authorityKey.equals(other.authorityKey);
        return issuer.equals(other.issuer) && scope.equals(other.scope) && !isOtherKey;
    }

    /** The order by number within a series, because clocks are set back, else by thisUpdate. */
    boolean isOlderThan(CrlEdition other) {
        if (isOfSameSeries(other) && number.isPresent() && other.number.isPresent()) {
            int difference = number.get().compareTo(other.number.get());
            if (difference != 0) {
                return difference < 0;
            }
        }
        return thisUpdate.isBefore(other.thisUpdate);
    }

    /** For example {@code an older CRL of CN=Test CA (number 3, of …) than the one in force (number 7, of …)}. */
    String olderThan(CrlEdition inForce) {
        return "an older CRL of " + Printable.clean(issuer.getName()) + " (" + text() + ") than the one in force ("
                + inForce.text() + ")";
    }

    private String text() {
        return number.map(it -> "number " + it).orElse("no number") + ", of " + thisUpdate;
    }

    private static Optional<Der> extension(X509CRL crl, String oid) {
        return Optional.ofNullable(crl.getExtensionValue(oid)).flatMap(value -> {
            try {
                byte[] content = Der.parse(value).expect(Der.OCTET_STRING).content();
                return Optional.of(Der.parse(content).strict());
            } catch (MalformedDerException e) {
                return Optional.empty();
            }
        });
    }

    private static Optional<String> keyIdentifier(Der value) {
        try {
            return Extensions.authorityKey(value).keyIdentifier().map(HexFormat.of()::formatHex);
        } catch (MalformedDerException e) {
            return Optional.empty();
        }
    }

    private static Optional<BigInteger> number(Der value) {
        return Optional.of(value)
                .filter(it -> it.tag() == Der.INTEGER)
                .map(it -> new BigInteger(it.content()))
                .filter(it -> it.signum() >= 0 && it.bitLength() <= MAX_NUMBER_BITS);
    }
}
