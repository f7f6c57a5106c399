// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.revocation;

import dev.mcpmtls.tls.http.LimitedBody;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Gets one resource over plain HTTP, within bounds of size and time, from exactly the location named: no redirect is followed. */
final class CrlDownload {

    /** Nothing usable came; the message ends a sentence. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message);
        }
    }

    private final int maxBytes;
    private final Duration patience;
    private final HttpClient http;

    /**
     * Connects to no server yet.
     *
     * @param patience from the first packet to the last
     */
    CrlDownload(int maxBytes, Duration patience) {
        this.maxBytes = maxBytes;
        this.patience = patience;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** The resource; call it where waiting is allowed. */
    byte[] get(URI location) throws FailedException {
        HttpRequest request = HttpRequest.newBuilder(location)
                .header("accept", "application/pkix-crl, */*;q=0.1")
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request, head -> new LimitedBody(maxBytes));
        try {
            HttpResponse<byte[]> response = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200) {
                throw new FailedException(location + " answered with status " + response.statusCode());
            }
            return response.body();
        } catch (TimeoutException e) {
            throw new FailedException(location + " did not answer within " + patience.toSeconds() + " seconds");
        } catch (ExecutionException e) {
            throw new FailedException(location + " cannot be fetched: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException(location + " was being fetched when this process ended");
        } finally {
            answer.cancel(true); // ends the exchange if it goes on
        }
    }
}
