// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Assurance;
import dev.mcpmtls.trust.Peer;
import java.util.Optional;

/**
 * Whom a session, a request state or a quota belongs to. A verified name survives the rotation of its certificate and key. A name
 * that nothing vouches for is only as good as the key that came with it, so there the key belongs to the owner: somebody else
 * who claims the same name is somebody else.
 */
record Owner(Identity identity, Optional<PublicKeyPin> key) {

    static Owner of(Peer peer) {
        boolean vouched = peer.assurance() == Assurance.VERIFIED;
        return new Owner(
                peer.identity(),
                vouched
                        ? Optional.empty()
                        : Optional.of(PublicKeyPin.of(peer.chain().leaf().getPublicKey())));
    }

    /** One line that differs exactly when owners differ. */
    String text() {
        return identity.getClass().getSimpleName() + " " + identity.text()
                + key.map(pin -> " " + pin.text()).orElse("");
    }
}
