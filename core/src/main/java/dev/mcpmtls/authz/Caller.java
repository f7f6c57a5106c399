// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Assurance;
import dev.mcpmtls.trust.Peer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * A peer as rules see it.
 *
 * @param identity the name of the audit log, and the first of its names
 * @param names every name it owns when {@code assurance} is {@link Assurance#VERIFIED}, else every name it claims; no pins
 * @param pin of the key it proved to hold; empty for a caller that is only asked about
 * @param assurance how the names came to be believed
 * @param certificate its leaf; empty for a caller that is only asked about
 */
public record Caller(
        Identity identity,
        List<Identity> names,
        Optional<PublicKeyPin> pin,
        Assurance assurance,
        Optional<X509Certificate> certificate) {

    /** Copies the list. */
    public Caller {
        names = List.copyOf(names);
    }

    /** The caller behind a connection. */
    public static Caller of(Peer peer) {
        X509Certificate leaf = peer.chain().leaf();
        return new Caller(
                peer.identity(),
                peer.names(),
                Optional.of(PublicKeyPin.of(leaf.getPublicKey())),
                peer.assurance(),
                Optional.of(leaf));
    }

    /**
     * A caller that is asked about by a certificate, as if trust had accepted it.
     *
     * @param leaf the certificate that it would present
     */
    public static Caller presenting(X509Certificate leaf, Assurance assurance) {
        PublicKeyPin pin = PublicKeyPin.of(leaf.getPublicKey());
        List<Identity> names = names(leaf);
        Identity identity = names.isEmpty() ? pin : names.get(0);
        return new Caller(identity, names, Optional.of(pin), assurance, Optional.of(leaf));
    }

    /**
     * A caller that is asked about by name, without a certificate.
     *
     * @param identities the first is the one of the audit log; at least one
     */
    public static Caller named(List<Identity> identities, Assurance assurance) {
        List<Identity> names = identities.stream()
                .filter(name -> !(name instanceof PublicKeyPin))
                .toList();
        Optional<PublicKeyPin> pin = identities.stream()
                .filter(PublicKeyPin.class::isInstance)
                .map(PublicKeyPin.class::cast)
                .findFirst();
        return new Caller(identities.get(0), names, pin, assurance, Optional.empty());
    }

    private static List<Identity> names(X509Certificate leaf) {
        try {
            return AlternativeNames.of(leaf).identities();
        } catch (MalformedDerException e) {
            return List.of(); // strict validation rejects such a certificate
        }
    }
}
