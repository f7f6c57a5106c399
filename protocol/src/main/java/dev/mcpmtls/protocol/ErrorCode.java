// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

/** The codes of JSON-RPC errors: JSON-RPC 2.0's, and those that MCP adds. */
public final class ErrorCode {

    public static final int PARSE_ERROR = -32700;
    public static final int INVALID_REQUEST = -32600;
    public static final int METHOD_NOT_FOUND = -32601;
    public static final int INVALID_PARAMS = -32602;
    public static final int INTERNAL_ERROR = -32603;

    /** There is no such resource (until 2025-11-25). */
    public static final int RESOURCE_NOT_FOUND = -32002;

    /** A header is missing, malformed or not what the body says (2026-07-28). */
    public static final int HEADER_MISMATCH = -32020;

    /** The client did not declare a capability that the request needs (2026-07-28). */
    public static final int MISSING_CAPABILITY = -32021;

    /** The server does not speak the revision (2026-07-28). */
    public static final int UNSUPPORTED_VERSION = -32022;

    private ErrorCode() {}

    /** Whether it is about the request: the sender finds the cause in the message, and not in the server's log. */
    public static boolean isAboutTheRequest(int code) {
        return code == PARSE_ERROR
                || (code >= INVALID_PARAMS && code <= INVALID_REQUEST)
                || (code >= 400 && code < 500);
    }
}
