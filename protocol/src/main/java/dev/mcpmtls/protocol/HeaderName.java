// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

/** The names of the HTTP headers that MCP adds, as the specification spells them; case makes no difference (RFC 9110 section 5.1). */
public final class HeaderName {

    /** The revision of the message. */
    public static final String PROTOCOL_VERSION = "MCP-Protocol-Version";

    /** The legacy session. */
    public static final String SESSION_ID = "Mcp-Session-Id";

    /** The last event that a client received, so that a stream resumes after it. */
    public static final String LAST_EVENT_ID = "Last-Event-ID";

    /** Mirrors a modern request's method. */
    public static final String METHOD = "Mcp-Method";

    /** Mirrors what a modern request is about: the name of a tool or prompt, the URI of a resource. */
    public static final String NAME = "Mcp-Name";

    /** Before the name that a tool's schema gives to an argument's mirror. */
    public static final String PARAMETER_PREFIX = "Mcp-Param-";

    private HeaderName() {}
}
