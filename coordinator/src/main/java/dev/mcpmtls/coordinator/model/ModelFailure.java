// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.mcpmtls.identity.Printable;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;

/** The model gave no answer. The message is one sentence with the remedy. */
final class ModelFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int MAX_TEXT = 200;

    private ModelFailure(String message, Throwable cause) {
        super(message, cause);
    }

    static ModelFailure of(ModelSettings model, Throwable thrown) {
        return new ModelFailure("the model " + model + " " + why(thrown), thrown);
    }

    private static String why(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof AuthenticationException) {
                return "refuses our key; check coordinator.model.key-file or coordinator.model.key-variable";
            }
            if (cause instanceof ModelNotFoundException) {
                return "is not known to its server; check coordinator.model.name and coordinator.model.url";
            }
            if (cause instanceof RateLimitException) {
                return "is asked too often, says its server; ask again later";
            }
            if (cause instanceof HttpException http) {
                return "answered with HTTP status " + http.statusCode() + ": "
                        + shortened(String.valueOf(http.getMessage()));
            }
            if (cause instanceof ConnectException || cause instanceof UnresolvedAddressException) {
                return "cannot be reached; start its server, or check coordinator.model.url";
            }
            if (cause instanceof TimeoutException || cause instanceof java.net.http.HttpTimeoutException) {
                return "gave no answer in time; ask again, or allow more with coordinator.model.timeout";
            }
            if (cause instanceof BoundedHttpClient.TooLongException) {
                return "sends an answer without end; check coordinator.model.url";
            }
            if (cause instanceof IOException && cause.getMessage() != null) {
                return "broke off: " + shortened(cause.getMessage());
            }
        }
        return "gave no answer that can be read; check that its server speaks OpenAI's chat completions at coordinator.model.url";
    }

    private static String shortened(String text) {
        String line = Printable.line(text);
        return line.length() <= MAX_TEXT ? line : line.substring(0, MAX_TEXT) + "…";
    }
}
