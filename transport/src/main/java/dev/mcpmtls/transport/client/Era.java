// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import java.util.Locale;

/** The eras of MCP that a client is willing to speak. */
public enum Era {
    /** Modern where the server is, else legacy; found out once by {@code server/discover}. */
    AUTO,
    /** 2025-11-25 and earlier: an {@code initialize} handshake and a session. */
    LEGACY,
    /** 2026-07-28: no session, metadata on each request. */
    MODERN;

    /** The word users write, for example {@code auto}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
