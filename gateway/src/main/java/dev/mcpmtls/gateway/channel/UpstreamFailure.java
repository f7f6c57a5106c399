// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.transport.server.caller.RefusedException;

/** A failure of an upstream server. The words are for the client, so they hold no secrets of ours; there is no stack trace. */
public final class UpstreamFailure extends RuntimeException {

    // Outside the range that JSON-RPC reserves; they say what HTTP's status of that number says.
    private static final int BAD_GATEWAY = 502;
    private static final int UNAVAILABLE = 503;
    private static final int TIMED_OUT = 504;

    private static final long serialVersionUID = 1L;

    private final int code;

    private UpstreamFailure(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** The server failed. */
    public static UpstreamFailure of(String message) {
        return new UpstreamFailure(BAD_GATEWAY, message);
    }

    /** The server cannot be used now. */
    public static UpstreamFailure unavailable(String message) {
        return new UpstreamFailure(UNAVAILABLE, message);
    }

    /** The server has been started and has not answered yet: its program may be being installed. */
    public static UpstreamFailure starting(String name) {
        return unavailable("the server " + name + " is still starting; try again in a moment");
    }

    /** The server did not answer in time. */
    public static UpstreamFailure timedOut(String message) {
        return new UpstreamFailure(TIMED_OUT, message);
    }

    /** The JSON-RPC error's code. */
    public int code() {
        return code;
    }

    /** The JSON-RPC error's message. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** As a refusal: HTTP 200, because clients of the TypeScript SDK lose the error of most other statuses. */
    public RefusedException refusal() {
        return new RefusedException(200, code, message());
    }
}
