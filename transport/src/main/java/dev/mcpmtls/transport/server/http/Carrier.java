// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.transport.server.caller.Owner;

/** The connection that carries a response, as the response needs it. On the connection's event loop only. */
interface Carrier {

    Owner owner();

    /** The time, as of {@link System#nanoTime()}. */
    long now();

    /** The output that this caller and the others have yet to read. */
    UnreadOutput unread();

    /** Notes that the caller took something of what was sent. */
    void moved(long now);

    /** Its client is about to receive a refusal because it has too much in flight. */
    void overdraws();

    /** Closes it because its client reads nothing. */
    void cut();
}
