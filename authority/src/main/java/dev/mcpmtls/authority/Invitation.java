// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.PublicKeyPin;
import java.time.Instant;
import java.util.List;

/**
 * The operator's permission for machines to enrol under one name. The secret that goes with it is not here.
 *
 * @param id ten hexadecimal digits; not secret
 * @param grant the contents of the certificates, whatever the requests ask for
 * @param expiresAt the first instant at which it is worth nothing
 * @param uses the number of machines that may enrol
 * @param keys the pins of the keys that enrolled, in order
 */
public record Invitation(
        String id, Grant grant, Instant createdAt, Instant expiresAt, int uses, List<PublicKeyPin> keys) {

    /** Copies the list. */
    public Invitation {
        keys = List.copyOf(keys);
    }

    /** The status of an invitation. */
    public enum Status {
        /** Another machine can enrol. */
        OPEN,
        /** As many machines as it allows have enrolled. */
        USED,
        /** Its time is over. */
        EXPIRED
    }

    /** The status at an instant. */
    public Status status(Instant now) {
        if (!now.isBefore(expiresAt)) {
            return Status.EXPIRED;
        }
        return keys.size() < uses ? Status.OPEN : Status.USED;
    }
}
