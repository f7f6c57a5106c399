// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** The documents of an authorization server on the loopback, good or hostile as the test wants. */
final class LocalIssuer implements AutoCloseable {

    /** How a path answers. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    /** One request that came. */
    record Asked(String path, String body, String authorization) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
    private final String path;
    private final String scheme;

    LocalIssuer(String path) {
        this(path, "http", LocalIssuer::plain);
    }

    private LocalIssuer(String path, String scheme, Callable<HttpServer> made) {
        this.path = path;
        this.scheme = scheme;
        try {
            server = made.call();
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        answers.put("/.well-known/oauth-authorization-server" + path, json(metadata()));
    }

    /** The same over TLS, with a certificate demanded of its clients. */
    static LocalIssuer overMutualTls(Issued own, ThrowawayCa clients) {
        return new LocalIssuer("", "https", () -> {
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(own.keyStore("x"), "x".toCharArray());
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            anchors.setCertificateEntry("ca", clients.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            HttpsServer made = HttpsServer.create();
            made.setHttpsConfigurator(new HttpsConfigurator(context) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters demanding = context.getDefaultSSLParameters();
                    demanding.setNeedClientAuth(true);
                    parameters.setSSLParameters(demanding);
                }
            });
            return made;
        });
    }

    private static HttpServer plain() throws IOException {
        return HttpServer.create();
    }

    String url() {
        return origin() + path;
    }

    String origin() {
        return scheme + "://127.0.0.1:" + server.getAddress().getPort();
    }

    URI at(String where) {
        return URI.create(origin() + where);
    }

    String metadata() {
        return """
            {"issuer":"%s","jwks_uri":"%s/jwks","introspection_endpoint":"%s/introspect"}\
            """.formatted(url(), origin(), origin());
    }

    LocalIssuer publish(JWK... keys) {
        return answering("/jwks", json(new JWKSet(List.of(keys)).toString(true)));
    }

    LocalIssuer answering(String where, Answer answer) {
        answers.put(where, answer);
        return this;
    }

    LocalIssuer without(String where) {
        answers.remove(where);
        return this;
    }

    static Answer json(String document) {
        return status(200, document);
    }

    static Answer status(int status, String document) {
        return exchange -> {
            byte[] body = document.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        };
    }

    static Answer redirectTo(URI elsewhere) {
        return exchange -> {
            exchange.getResponseHeaders().set("location", elsewhere.toString());
            exchange.sendResponseHeaders(302, -1);
        };
    }

    /** Sends a head and one byte, and then nothing until the other side goes. */
    static Answer hanging() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            OutputStream body = exchange.getResponseBody();
            body.write('{');
            body.flush();
            exchange.getRequestBody().readAllBytes();
            try {
                Thread.sleep(60_000); // is interrupted when the test ends
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** Sends blanks without end, as fast as they are read. */
    static Answer growing() {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] blanks = " ".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
            while (true) {
                exchange.getResponseBody().write(blanks);
            }
        };
    }

    List<Asked> asked(String where) {
        return asked.stream().filter(one -> one.path().equals(where)).toList();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String where = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String authorization = exchange.getRequestHeaders().getFirst("authorization");
        asked.add(new Asked(where, body, authorization == null ? "" : authorization));
        try (exchange) {
            answers.getOrDefault(where, status(404, "")).to(exchange);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
