// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.transport.server.caller.Owner;

/** What a response needs of the connection that carries it. On the connection's event loop only. */
interface Carrier {

    Owner owner();

    /** What this caller and the others have yet to read. */
    UnreadOutput unread();

    /** Notes that the caller took something of what was sent. */
    void moved(long now);

    /** Its client is about to be told that it has too much in flight. */
    void overdraws();

    /** Closes it because its client reads nothing. */
    void cut();
}
