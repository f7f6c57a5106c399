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
 * A certificate that this authority issued, as its journal has it.
 *
 * @param at when it was issued
 * @param serialNumber unique among all certificates of this store
 * @param credential what operators call its owner
 * @param notBefore the first instant of its validity
 * @param notAfter the last instant of its validity
 * @param purposes server, client or both
 * @param names for example {@code URI:spiffe://demo.local/server/weather} or {@code DNS:localhost}
 * @param key the pin of its public key
 * @param issuer the first 16 hexadecimal digits of its issuer's key identifier
 * @param revocation when and why it was revoked; empty while it was not
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

    /** When and why a certificate was revoked. */
    public record Revocation(Instant at, RevocationReason reason) {}

    /** Where a certificate is in its life. */
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

    /** Where this certificate is in its life at an instant. */
    public Status status(Instant now) {
        if (revocation.isPresent()) {
            return Status.REVOKED;
        }
        return now.isAfter(notAfter) ? Status.EXPIRED : Status.VALID;
    }

    /** What it was issued for. */
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
