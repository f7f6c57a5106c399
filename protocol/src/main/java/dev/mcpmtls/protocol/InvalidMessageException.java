// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

/** A message that is not of the specification's form. Its words are for the peer that sent it; there is no stack trace. */
public final class InvalidMessageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * An invalid message.
     *
     * @param code one of {@link ErrorCode}
     */
    public InvalidMessageException(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    static InvalidMessageException request(String message) {
        return new InvalidMessageException(ErrorCode.INVALID_REQUEST, message);
    }

    static InvalidMessageException params(String message) {
        return new InvalidMessageException(ErrorCode.INVALID_PARAMS, message);
    }

    static InvalidMessageException json(String message) {
        return new InvalidMessageException(ErrorCode.PARSE_ERROR, message);
    }

    /** The JSON-RPC error's code. */
    public int code() {
        return code;
    }

    /** The JSON-RPC error's message. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
