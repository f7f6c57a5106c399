// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Assurance;
import dev.mcpmtls.trust.Peer;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a session, a request state or a quota. A verified name survives the rotation of its certificate and key. When nothing
 * vouches for a name, the key is part of the owner: another key that claims the same name is another owner.
 *
 * @param text one line that differs exactly when owners differ
 */
public record Owner(Identity identity, String text) {

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
