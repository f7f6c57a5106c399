// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An HTTP client that ends an answer which is too long for an answer: what a server sends must not fill our memory. */
final class BoundedHttpClient implements HttpClient {

    private static final int MAX_ERROR = 64 * 1024;

    private final java.net.http.HttpClient client;
    private final @Nullable Duration readTimeout;
    private final long most;

    private BoundedHttpClient(java.net.http.HttpClient client, @Nullable Duration readTimeout, long most) {
        this.client = client;
        this.readTimeout = readTimeout;
        this.most = most;
    }

    /** @param most the largest body, in bytes; of that of an error the beginning is read */
    static HttpClientBuilder builder(long most) {
        return new HttpClientBuilder() {

            private @Nullable Duration connectTimeout;
            private @Nullable Duration readTimeout;

            @Override
            public @Nullable Duration connectTimeout() {
                return connectTimeout;
            }

            @Override
            public HttpClientBuilder connectTimeout(Duration timeout) {
                connectTimeout = timeout;
                return this;
            }

            @Override
            public @Nullable Duration readTimeout() {
                return readTimeout;
            }

            @Override
            public HttpClientBuilder readTimeout(Duration timeout) {
                readTimeout = timeout;
                return this;
            }

            @Override
            public HttpClient build() {
                java.net.http.HttpClient.Builder building = java.net.http.HttpClient.newBuilder();
                if (connectTimeout != null) {
                    building.connectTimeout(connectTimeout);
                }
                return new BoundedHttpClient(building.build(), readTimeout, most);
            }
        };
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        throw new UnsupportedOperationException("answers are read as streams");
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        var unused = client.sendAsync(sent(request), BodyHandlers.ofInputStream())
                .thenAccept(response -> read(response, parser, listener))
                .exceptionally(failure -> {
                    listener.onError(failure);
                    return null;
                });
    }

    private java.net.http.HttpRequest sent(HttpRequest request) {
        java.net.http.HttpRequest.Builder building = java.net.http.HttpRequest.newBuilder(URI.create(request.url()))
                .method(
                        request.method().name(),
                        request.body() == null ? BodyPublishers.noBody() : BodyPublishers.ofString(request.body()));
        request.headers().forEach((name, values) -> values.forEach(value -> building.header(name, value)));
        if (readTimeout != null) {
            building.timeout(readTimeout);
        }
        return building.build();
    }

    private void read(
            HttpResponse<InputStream> response, ServerSentEventParser parser, ServerSentEventListener listener) {
        int status = response.statusCode();
        try (InputStream body = new Bounded(response.body(), most)) {
            if (status / 100 != 2) {
                listener.onError(new HttpException(status, new String(body.readNBytes(MAX_ERROR), UTF_8)));
                return;
            }
            listener.onOpen(SuccessfulHttpResponse.builder()
                    .statusCode(status)
                    .headers(response.headers().map())
                    .build());
            parser.parse(body, listener);
            listener.onClose();
        } catch (IOException e) {
            listener.onError(e);
        }
    }

    /** The body went on beyond the limit. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private static final class Bounded extends FilterInputStream {

        private long left;

        Bounded(InputStream body, long most) {
            super(body);
            left = most;
        }

        @Override
        public int read() throws IOException {
            int octet = super.read();
            if (octet >= 0) {
                count(1);
            }
            return octet;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int read = super.read(into, from, length);
            if (read > 0) {
                count(read);
            }
            return read;
        }

        private void count(int read) throws TooLongException {
            left -= read;
            if (left < 0) {
                throw new TooLongException();
            }
        }
    }
}
