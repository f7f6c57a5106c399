// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.openmeteo;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.tls.http.LimitedBody;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * GET requests to a service that answers JSON. They are bounded in time and size, and never block. After a failure they pause
 * for a while, so that a machine without a network answers at once.
 */
final class JsonService {

    private static final int MAX_BYTES = 256 * 1024;
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http;
    private final Duration timeout;
    private final InstantSource clock;
    private volatile Instant pausedUntil = Instant.MIN;

    JsonService(Duration timeout, InstantSource clock) {
        this.http = HttpClient.newBuilder().connectTimeout(timeout).build();
        this.timeout = timeout;
        this.clock = clock;
    }

    /**
     * Sends a request.
     *
     * @return the answer, or a failure with {@link OpenMeteoUnavailable}
     */
    CompletableFuture<JsonNode> get(URI uri) {
        if (clock.instant().isBefore(pausedUntil)) {
            return CompletableFuture.failedFuture(
                    new OpenMeteoUnavailable(uri.getHost() + " failed a moment ago and is not asked again yet"));
        }
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("accept", "application/json")
                .build();
        CompletableFuture<HttpResponse<byte[]>> exchange = http.sendAsync(request, head -> new LimitedBody(MAX_BYTES));
        // The request's own timeout ends with the response head; this one covers a body that never ends.
        return exchange.copy()
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(JsonService::json)
                .exceptionally(failure -> {
                    exchange.cancel(true);
                    pausedUntil = clock.instant().plus(PAUSE_AFTER_FAILURE);
                    throw unavailable(uri, failure);
                });
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            throw new OpenMeteoUnavailable(response.uri().getHost() + " answered with status " + response.statusCode());
        }
        try {
            return JSON.readTree(response.body());
        } catch (JacksonException e) {
            throw new OpenMeteoUnavailable(response.uri().getHost() + " did not answer with JSON", e);
        }
    }

    private OpenMeteoUnavailable unavailable(URI uri, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof OpenMeteoUnavailable known) {
            return known;
        }
        if (cause instanceof TimeoutException || cause instanceof java.net.http.HttpTimeoutException) {
            return new OpenMeteoUnavailable(
                    uri.getHost() + " did not answer within " + timeout.toMillis() + " ms", cause);
        }
        return new OpenMeteoUnavailable(uri.getHost() + " cannot be reached: " + Failures.reason(cause), cause);
    }
}
