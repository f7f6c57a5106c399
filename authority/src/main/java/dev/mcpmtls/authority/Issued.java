// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Purpose;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A certificate that this authority issued, as in its journal.
 *
 * @param at the time of issue
 * @param serialNumber unique among all certificates of this store
 * @param credential the operators' name for its owner
 * @param notBefore the first instant of its validity
 * @param notAfter the last instant of its validity
 * @param purposes server, client or both
 * @param names for example {@code URI:spiffe://demo.local/server/weather} or {@code DNS:localhost}
 * @param key the pin of its public key
 * @param issuer the first 16 hexadecimal digits of its issuer's key identifier
 * @param revocation the time and reason of its revocation; empty if it was not revoked
 */
public record Issued(
        Instant at,
        BigInteger serialNumber,
        String credential,
        Instant notBefore,
        Instant notAfter,
        Set<Purpose> purposes,
        List<String> names,
        PublicKeyPin key,
        String issuer,
        Optional<Revocation> revocation) {

    /** The time and reason of a revocation. */
    public record Revocation(Instant at, RevocationReason reason) {}

    /** The status of a certificate. */
    public enum Status {
        /** Good. */
        VALID,
        /** Past its notAfter. */
        EXPIRED,
        /** Revoked, whether expired or not. */
        REVOKED
    }

    /** Copies the collections. */
    public Issued {
        purposes = Set.copyOf(purposes);
        names = List.copyOf(names);
    }

    /** The status of this certificate at an instant. */
    public Status status(Instant now) {
        if (revocation.isPresent()) {
            return Status.REVOKED;
        }
        return now.isAfter(notAfter) ? Status.EXPIRED : Status.VALID;
    }

    /** The grant for which it was issued. */
    Grant grant() {
        return new Grant(
                credential,
                names.stream().map(GrantedNames::parse).toList(),
                purposes,
                Issuer.lifetime(notBefore, notAfter));
    }

    Issued revoked(Revocation now) {
        return new Issued(
                at, serialNumber, credential, notBefore, notAfter, purposes, names, key, issuer, Optional.of(now));
    }
}
