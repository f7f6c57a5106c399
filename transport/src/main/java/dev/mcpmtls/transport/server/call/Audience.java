// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.caller.Caller;

/** A client of either era that may be told something of the server's own accord. Thread-safe. */
public interface Audience {

    /** The peer behind it, as it was seen last. */
    Caller caller();

    /** The negotiated protocol version. */
    String version();

    /** Its session with the backend. */
    BackendSession backend();

    /** The lists of the server as it saw them last. */
    Seen seen();

    /** Tells it something without parameters, if it listens and wants to hear that. */
    void tell(String method);
}
