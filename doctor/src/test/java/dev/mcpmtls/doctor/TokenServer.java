// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.mcpmtls.testkit.Issued;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * A server behind mutual TLS that takes access tokens, and its authorization server {@code /login} at the same address. Each document
 * can be replaced by a wrong one. It serves every token but those that it is told to refuse.
 */
final class TokenServer implements AutoCloseable {

    private final HttpsServer http;
    private final Map<String, String> documents = new ConcurrentHashMap<>();
    private volatile String challenge;
    private volatile boolean refusesTokens;

    TokenServer(Issued own, X509Certificate anchor) throws Exception {
        http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        SSLContext context = context(own, anchor);
        http.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = context.getDefaultSSLParameters();
                tls.setNeedClientAuth(true);
                parameters.setSSLParameters(tls);
            }
        });
        challenge = "Bearer resource_metadata=\"" + origin() + "/.well-known/oauth-protected-resource/mcp\"";
        documents.put("/.well-known/oauth-protected-resource/mcp", """
            {"resource": "%s/mcp", "authorization_servers": ["%s"], "tls_client_certificate_bound_access_tokens": true}\
            """.formatted(origin(), issuer()));
        documents.put("/.well-known/oauth-authorization-server/login", """
            {"issuer": "%1$s", "token_endpoint": "%1$s/token", "authorization_endpoint": "%1$s/authorize", "response_types_supported": ["code"],
             "grant_types_supported": ["authorization_code", "client_credentials"], "code_challenge_methods_supported": ["S256"],
             "token_endpoint_auth_methods_supported": ["tls_client_auth"], "tls_client_certificate_bound_access_tokens": true}\
            """.formatted(issuer()));
        http.createContext("/", this::answer);
        http.start();
    }

    String origin() {
        return "https://localhost:" + http.getAddress().getPort();
    }

    String issuer() {
        return origin() + "/login";
    }

    /** Replaces a document; an empty one is not found. */
    TokenServer with(String path, String document) {
        documents.put(path, document);
        return this;
    }

    TokenServer resourceMetadata(String document) {
        return with("/.well-known/oauth-protected-resource/mcp", document);
    }

    TokenServer issuerMetadata(String document) {
        return with("/.well-known/oauth-authorization-server/login", document);
    }

    /** Refuses every token, with these parameters in its challenge. */
    TokenServer refusing(String parameters) {
        challenge += ", " + parameters;
        refusesTokens = true;
        return this;
    }

    TokenServer challenging(String value) {
        challenge = value;
        return this;
    }

    @Override
    public void close() {
        http.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (!path.equals("/mcp")) {
                String document = Optional.ofNullable(documents.get(path)).orElse("");
                send(exchange, document.isEmpty() ? 404 : 200, document);
            } else if (refusesTokens || exchange.getRequestHeaders().getFirst("Authorization") == null) {
                exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
                send(exchange, 401, "");
            } else {
                send(exchange, 405, "");
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static SSLContext context(Issued own, X509Certificate anchor) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("anchor", anchor);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own.keyStore("x"), "x".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
