// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.Revision;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The refusal of a request. Carries the error that answers it, and no stack trace: the peer is at fault. */
public final class RefusedException extends RuntimeException {

    // MCP asks for codes of one's own to lie outside the range that JSON-RPC reserves; these say what HTTP's status
    // says.
    public static final int UNAUTHENTICATED = 401;
    public static final int DENIED = 403;
    public static final int TOO_MANY = 429;
    static final int UNAVAILABLE = 503;

    private static final Logger LOG = LoggerFactory.getLogger(RefusedException.class);
    private static final long serialVersionUID = 1L;

    private final int status;
    private final int code;
    private final transient @Nullable Object data;

    public RefusedException(int status, int code, String message, @Nullable Object data) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.data = data;
    }

    public RefusedException(int status, int code, String message) {
        this(status, code, message, null);
    }

    public static RefusedException invalidRequest(String message) {
        return new RefusedException(400, ErrorCode.INVALID_REQUEST, message);
    }

    public static RefusedException invalidParams(String message) {
        return new RefusedException(400, ErrorCode.INVALID_PARAMS, message);
    }

    public static RefusedException unavailable(String message) {
        return new RefusedException(503, UNAVAILABLE, message);
    }

    public static RefusedException tooMany(String message) {
        return new RefusedException(429, TOO_MANY, message);
    }

    public static RefusedException unsupported(String version) {
        return new RefusedException(
                400,
                ErrorCode.UNSUPPORTED_VERSION,
                "Unsupported protocol version",
                Map.of("supported", Revision.supported(), "requested", version));
    }

    public static RefusedException missingCapability(String name) {
        return new RefusedException(
                400,
                ErrorCode.MISSING_CAPABILITY,
                "this request needs the client capability '" + name + "'",
                Map.of("requiredCapabilities", Map.of(name, Map.of())));
    }

    /** For a client that does not declare an extension, for example {@code io.modelcontextprotocol/tasks}. */
    public static RefusedException missingExtension(String name) {
        return new RefusedException(
                400,
                ErrorCode.MISSING_CAPABILITY,
                "this request needs a client that declares the extension '" + name + "'",
                Map.of("requiredCapabilities", Map.of("extensions", Map.of(name, Map.of()))));
    }

    /** For a failure that is the server's own, whose details belong in its log. */
    public static RefusedException internalError() {
        return new RefusedException(
                500, ErrorCode.INTERNAL_ERROR, "the server failed on this request; its log says why");
    }

    /** The answer to a failure: the refusal that it is or stands for, else an internal error, which is logged. */
    public static RefusedException of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RefusedException refused) {
            return refused;
        }
        if (cause instanceof InvalidMessageException invalid) {
            return new RefusedException(400, invalid.code(), invalid.message());
        }
        if (cause instanceof RejectedExecutionException) {
            return unavailable("the server has no worker free; try again later");
        }
        LOG.error("a request failed", cause);
        return internalError();
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The JSON-RPC code. */
    public int code() {
        return code;
    }

    /** The JSON-RPC error's data, as it is sent. */
    public @Nullable Object data() {
        return data;
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    /** The JSON-RPC error response. */
    public byte[] answer(Json json, @Nullable Object id) {
        return json.error(id, code, message(), data);
    }
}
