// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import dev.mcpmtls.tls.TlsProfile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/** Other people's clients over a profile's context, each of which checks names in its own way or not at all. */
final class ClientKinds {

    private ClientKinds() {}

    /** A client of some kind: one request on a connection of its own. */
    interface Client {
        String get(TlsProfile profile, String url) throws Exception;
    }

    /** A client and its name for reports. */
    record Kind(String name, Client client) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind("java.net.http", ClientKinds::javaNetHttp),
                new Kind("HttpsURLConnection", (profile, url) -> urlConnection(profile, url, false)),
                new Kind("HttpsURLConnection, any name", (profile, url) -> urlConnection(profile, url, true)),
                new Kind("SSLSocket", ClientKinds::socket),
                new Kind("SSLSocket, layered", ClientKinds::layeredSocket),
                new Kind("SSLEngine", ClientKinds::engine),
                new Kind("OkHttp", (profile, url) -> okHttp(profile, url, false)),
                new Kind("OkHttp, any name", (profile, url) -> okHttp(profile, url, true)),
                new Kind("Apache", (profile, url) -> apache(profile, url, false)),
                new Kind("Apache, any name", (profile, url) -> apache(profile, url, true)));
    }

    static String javaNetHttp(TlsProfile profile, String url) throws Exception {
        // As a framework would: without the context's parameters.
        HttpClient client =
                HttpClient.newBuilder().sslContext(profile.sslContext()).build();
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    static String urlConnection(TlsProfile profile, String url, boolean anyName) throws IOException {
        HttpsURLConnection connection =
                (HttpsURLConnection) URI.create(url).toURL().openConnection();
        connection.setSSLSocketFactory(profile.sslContext().getSocketFactory());
        if (anyName) {
            connection.setHostnameVerifier((host, session) -> true);
        }
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    static String okHttp(TlsProfile profile, String url, boolean anyName) throws IOException {
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .sslSocketFactory(profile.sslContext().getSocketFactory(), profile.trustManager());
        if (anyName) {
            builder.hostnameVerifier((host, session) -> true);
        }
        OkHttpClient client = builder.build();
        try (Response response =
                client.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.body().string();
        }
    }

    static String apache(TlsProfile profile, String url, boolean anyName) throws IOException {
        ClientTlsStrategyBuilder tls = ClientTlsStrategyBuilder.create().setSslContext(profile.sslContext());
        if (anyName) {
            tls.setHostVerificationPolicy(HostnameVerificationPolicy.CLIENT)
                    .setHostnameVerifier(NoopHostnameVerifier.INSTANCE);
        }
        try (CloseableHttpClient client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setTlsSocketStrategy(tls.buildClassic())
                        .build())
                .build()) {
            return client.execute(new HttpGet(url), response -> EntityUtils.toString(response.getEntity()));
        }
    }

    static String socket(TlsProfile profile, String url) throws IOException {
        URI uri = URI.create(url);
        try (Socket socket = profile.sslContext().getSocketFactory().createSocket(uri.getHost(), uri.getPort())) {
            return ask(socket);
        }
    }

    static String layeredSocket(TlsProfile profile, String url) throws IOException {
        URI uri = URI.create(url);
        try (Socket tcp = new Socket(InetAddress.getByName(uri.getHost()), uri.getPort());
                Socket socket =
                        profile.sslContext().getSocketFactory().createSocket(tcp, uri.getHost(), uri.getPort(), true)) {
            return ask(socket);
        }
    }

    static String ask(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    static String engine(TlsProfile profile, String url) throws IOException {
        URI uri = URI.create(url);
        return new EngineClient(profile.sslContext().createSSLEngine(uri.getHost(), uri.getPort()), uri.getPort())
                .get();
    }

    /** One request over a bare engine. */
    static final class EngineClient {

        private final SSLEngine engine;
        private final int port;
        private final ByteBuffer received = ByteBuffer.allocate(64 * 1024).flip();
        private final ByteBuffer plain = ByteBuffer.allocate(64 * 1024);

        EngineClient(SSLEngine engine, int port) {
            this.engine = engine;
            this.port = port;
        }

        String get() throws IOException {
            try (Socket tcp = new Socket("127.0.0.1", port)) {
                ByteBuffer request = StandardCharsets.US_ASCII.encode(
                        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                engine.beginHandshake();
                boolean open = true;
                while (open) {
                    open = step(tcp, request);
                }
                return StandardCharsets.UTF_8.decode(plain.flip()).toString();
            }
        }

        private boolean step(Socket tcp, ByteBuffer request) throws IOException {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
                return true;
            }
            if (status == HandshakeStatus.NEED_WRAP
                    || (status == HandshakeStatus.NOT_HANDSHAKING && request.hasRemaining())) {
                ByteBuffer out = ByteBuffer.allocate(32 * 1024);
                engine.wrap(request, out);
                tcp.getOutputStream().write(out.array(), 0, out.position());
                return !engine.isOutboundDone();
            }
            int before = received.remaining();
            engine.unwrap(received, plain);
            if (received.remaining() == before && engine.getHandshakeStatus() == status) {
                received.compact();
                int count = tcp.getInputStream().read(received.array(), received.position(), received.remaining());
                received.position(received.position() + Math.max(count, 0)).flip();
                return count >= 0;
            }
            return !engine.isInboundDone();
        }
    }
}
