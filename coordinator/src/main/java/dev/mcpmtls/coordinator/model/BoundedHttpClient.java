// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.jdk.JdkHttpClient;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An HTTP client that ends an answer which is too long for an answer: what a server sends must not fill our memory. */
final class BoundedHttpClient implements HttpClient {

    private final HttpClient client;
    private final long most;

    private BoundedHttpClient(HttpClient client, long most) {
        this.client = client;
        this.most = most;
    }

    /** @param most the largest body, in bytes */
    static HttpClientBuilder builder(long most) {
        HttpClientBuilder jdk = JdkHttpClient.builder();
        return new HttpClientBuilder() {
            @Override
            public @Nullable Duration connectTimeout() {
                return jdk.connectTimeout();
            }

            @Override
            public HttpClientBuilder connectTimeout(Duration timeout) {
                jdk.connectTimeout(timeout);
                return this;
            }

            @Override
            public @Nullable Duration readTimeout() {
                return jdk.readTimeout();
            }

            @Override
            public HttpClientBuilder readTimeout(Duration timeout) {
                jdk.readTimeout(timeout);
                return this;
            }

            @Override
            public HttpClient build() {
                return new BoundedHttpClient(jdk.build(), most);
            }
        };
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        return client.execute(request);
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        client.execute(request, (body, to) -> parser.parse(new Bounded(body, most), to), listener);
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
