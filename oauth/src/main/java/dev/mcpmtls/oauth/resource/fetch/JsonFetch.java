// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.fetch;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.tls.http.LimitedBody;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Gets JSON objects over HTTPS, each within bounds of size and time, from exactly the location named: no redirect is followed.
 * Thread-safe. A failed future holds {@link FetchFailedException}, as itself or as the cause.
 */
public final class JsonFetch {

    private static final int MAX_BYTES = 256 * 1024;
    private static final Json JSON = new Json(16, 64 * 1024);

    private final HttpClient http;
    private final boolean plainOnLoopback;
    private final Duration patience;

    /**
     * Connects to no server yet.
     *
     * @param security puts TLS under the client
     * @param plainOnLoopback whether {@code http} is allowed where the host is a loopback address
     * @param patience from the first packet of a request to the last of its answer
     */
    public JsonFetch(Consumer<HttpClient.Builder> security, boolean plainOnLoopback, Duration patience) {
        HttpClient.Builder client = HttpClient.newBuilder();
        security.accept(client);
        this.http = client.version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience)
                .build();
        this.plainOnLoopback = plainOnLoopback;
        this.patience = patience;
    }

    /** The object at a location. */
    public CompletableFuture<Map<String, Object>> get(URI location) {
        return send(location, HttpRequest.newBuilder());
    }

    /**
     * The object with which a server answers a form.
     *
     * @param form already encoded
     * @param authorization the header's value; empty to send none
     */
    public CompletableFuture<Map<String, Object>> post(URI location, String form, String authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder()
                .header("content-type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form));
        return send(location, authorization.isEmpty() ? request : request.header("authorization", authorization));
    }

    private CompletableFuture<Map<String, Object>> send(URI location, HttpRequest.Builder request) {
        if (!isAllowed(location, plainOnLoopback)) {
            return CompletableFuture.failedFuture(new FetchFailedException(shown(location) + " is not an https URL"));
        }
        request.uri(location).timeout(patience).header("accept", "application/json");
        CompletableFuture<HttpResponse<byte[]>> exchange =
                http.sendAsync(request.build(), head -> new LimitedBody(MAX_BYTES));
        // The request's own timeout ends with the response's head; this one covers a body that never ends.
        return exchange.copy()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(JsonFetch::object)
                .exceptionally(failure -> {
                    exchange.cancel(true);
                    throw failed(location, failure);
                });
    }

    /** Whether a request may go there: {@code https}, or plain on the loopback where that is allowed; no user, no fragment. */
    public static boolean isAllowed(URI location, boolean plainOnLoopback) {
        if (location.getHost() == null || location.getRawUserInfo() != null || location.getRawFragment() != null) {
            return false;
        }
        String scheme = String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
        return scheme.equals("https") || (plainOnLoopback && scheme.equals("http") && isLoopback(location.getHost()));
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    private static Map<String, Object> object(HttpResponse<byte[]> response) {
        if (response.statusCode() != 200) {
            throw new FetchFailedException("the answer has status " + response.statusCode());
        }
        try {
            return JSON.read(Json.text(response.body()));
        } catch (InvalidMessageException e) {
            throw new FetchFailedException("the answer is not a JSON object of the size and depth allowed");
        }
    }

    private FetchFailedException failed(URI location, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String why = cause instanceof TimeoutException
                ? "no whole answer within " + patience.toMillis() + " ms"
                : Printable.causeOf(cause);
        return new FetchFailedException(shown(location) + ": " + why);
    }

    private static String shown(URI location) {
        return Printable.clean(location.toString());
    }
}
