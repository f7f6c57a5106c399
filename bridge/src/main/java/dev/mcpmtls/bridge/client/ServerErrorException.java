// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import java.util.Map;

/** A server answered a request with a JSON-RPC error. The message is its own, made printable and cut. */
public final class ServerErrorException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int MAX_WORDS = 4_000;

    private final int code;

    /** An error that says no code is an internal one of the server. */
    ServerErrorException(Map<String, Object> error) {
        super(printable(error.get("message") instanceof String text ? text : "it does not say why"));
        this.code = error.get("code") instanceof Number number ? number.intValue() : ErrorCode.INTERNAL_ERROR;
    }

    private static String printable(String text) {
        return Printable.line(text.length() > MAX_WORDS ? text.substring(0, MAX_WORDS) + "..." : text);
    }

    /** The code of JSON-RPC or MCP; our servers' own repeat the HTTP status, such as 403 for a denied call. */
    public int code() {
        return code;
    }
}
