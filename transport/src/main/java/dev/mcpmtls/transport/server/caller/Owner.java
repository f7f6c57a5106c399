// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Assurance;
import dev.mcpmtls.trust.Peer;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a session, a request state or a quota. A verified name survives the rotation of its certificate and key. When nothing
 * vouches for a name, the key is part of the owner: another key that claims the same name is another owner. The subject of an access token is
 * part of it, with its issuer: the same certificate with another token, or with none, is another owner.
 *
 * @param text one line that differs exactly when owners differ
 * @param certificate the same for all owners of one certificate: the text of the one without a token
 */
public record Owner(Identity identity, String text, String certificate) {

    private Owner(Identity identity, String text) {
        this(identity, text, text);
    }

    public static Owner of(Peer peer) {
        boolean vouched = peer.assurance() == Assurance.VERIFIED;
        return vouched
                ? vouched(peer.identity())
                : new Owner(
                        peer.identity(),
                        line(peer.identity())
                                + ' '
                                + PublicKeyPin.of(peer.chain().leaf().getPublicKey())
                                        .text());
    }

    /** The owner of what a request begins: its certificate, and the subject of its token if it carries one. */
    public static Owner of(Caller caller) {
        Owner owner = of(caller.peer());
        return caller.token()
                .map(token -> new Owner(
                        owner.identity,
                        owner.text + " for " + word(token.issuer()) + ' ' + word(token.subject()),
                        owner.text))
                .orElse(owner);
    }

    /** As one word of ASCII that differs exactly when the text does. */
    private static String word(String text) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > ' ' && c < 0x7f && c != '%') {
                word.append(c);
            } else {
                word.append(String.format("%%%04x", (int) c));
            }
        }
        return word.toString();
    }

    /** The owner of what the same certificate begins without a token. */
    public Owner ofCertificate() {
        return hasSubject() ? new Owner(identity, certificate) : this;
    }

    /** Whether the other has the same certificate. */
    public boolean hasCertificateOf(Owner other) {
        return certificate.equals(other.certificate);
    }

    /** Whether a token's subject is part of it. */
    boolean hasSubject() {
        return !text.equals(certificate);
    }

    /** The owner of a verified name. */
    public static Owner vouched(Identity identity) {
        return new Owner(identity, line(identity));
    }

    private static String line(Identity identity) {
        return identity.getClass().getSimpleName() + ' ' + identity.text();
    }

    /** By the text, which is what makes the difference: owners are looked up several times for each request. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Owner owner && text.equals(owner.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
