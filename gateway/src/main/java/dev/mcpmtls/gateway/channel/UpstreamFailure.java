// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.channel;

import dev.mcpmtls.transport.server.caller.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A failure of an upstream server. The words are for the client, so they hold no secrets of ours; there is no stack trace. */
public final class UpstreamFailure extends RuntimeException {

    // Outside the range that JSON-RPC reserves; they say what HTTP's status of that number says.
    private static final int BAD_GATEWAY = 502;
    private static final int UNAVAILABLE = 503;
    private static final int TIMED_OUT = 504;

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamFailure.class);
    private static final long serialVersionUID = 1L;

    private final int code;
    private final int status;

    private UpstreamFailure(int code, String message) {
        this(200, code, message);
    }

    private UpstreamFailure(int status, int code, String message) {
        super(message, null, false, false);
        this.status = status;
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

    /** More clients want the server to be started than can wait for it: this program is overloaded, which HTTP's status says. */
    public static UpstreamFailure crowded(String name) {
        return new UpstreamFailure(
                UNAVAILABLE,
                UNAVAILABLE,
                "too many clients wait for the server " + name + " to start; try again later");
    }

    /** Opening a channel failed in a way that is not the client's to know; it is logged. */
    public static UpstreamFailure unforeseen(String name, Throwable failure) {
        if (failure instanceof UpstreamFailure known) {
            return known;
        }
        LOG.error("cannot open the server {}", name, failure);
        return of("the server " + name + " cannot be opened; the gateway's log says why");
    }

    /** The server did not answer in time. */
    public static UpstreamFailure timedOut(String message) {
        return new UpstreamFailure(TIMED_OUT, message);
    }

    /** The JSON-RPC error's code. */
    public int code() {
        return code;
    }

    /** Its class, as traces and metrics name it. */
    public String type() {
        return switch (code) {
            case TIMED_OUT -> "timeout";
            case UNAVAILABLE -> "unavailable";
            default -> "bad_gateway";
        };
    }

    /** The JSON-RPC error's message. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** As a refusal: HTTP 200 but for {@link #crowded}, because clients of the TypeScript SDK lose the error of most other statuses. */
    public RefusedException refusal() {
        return new RefusedException(status, code, message());
    }
}
