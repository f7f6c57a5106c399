// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mcpmtls.testkit.Issued;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Plain requests to the authorization server, from code that is not the product's. */
public final class OauthClient {

    private final AuthorizationServer server;
    private final HttpClient http;

    /**
     * A client over one connection.
     *
     * @param own its credential, with the chain as it is sent; null for none
     * @param anchor of the authorization server's certificate
     */
    public OauthClient(AuthorizationServer server, @Nullable Issued own, X509Certificate anchor) {
        this.server = server;
        this.http = HttpClient.newBuilder().sslContext(tls(own, anchor)).build();
    }

    /** A token by client credentials, for a client that its certificate authenticates. */
    public String token(String client, String resource) {
        return tokenIn(post("/oauth2/token", Map.of("client_id", client, "resource", resource), null));
    }

    /** A token by client credentials and a secret. */
    public String token(String client, String secret, String resource) {
        return tokenIn(post("/oauth2/token", Map.of("resource", resource), basic(client, secret)));
    }

    /** Takes a token back. */
    public void revoke(String client, String secret, String token) {
        HttpResponse<String> answer = post("/oauth2/revoke", Map.of("token", token), basic(client, secret));
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    /** The answer of an endpoint to a form; without a grant it is that of client credentials. */
    HttpResponse<String> post(String path, Map<String, String> form, @Nullable String authorization) {
        String body = form(form);
        if (path.equals("/oauth2/token") && !form.containsKey("grant_type")) {
            body += "&grant_type=client_credentials&scope=mcp%3Aread";
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(server.at(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return send(authorization == null ? request : request.header("Authorization", authorization));
    }

    /** The answer to a GET, where redirects are not followed. */
    HttpResponse<String> get(URI uri, @Nullable String authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return send(authorization == null ? request : request.header("Authorization", authorization));
    }

    static String basic(String name, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(UTF_8));
    }

    static String form(Map<String, String> form) {
        return form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    static JsonNode json(HttpResponse<String> answer) {
        return new ObjectMapper().readTree(answer.body());
    }

    private static String tokenIn(HttpResponse<String> answer) {
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
        return json(answer).get("access_token").asString();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    static SSLContext tls(@Nullable Issued own, X509Certificate anchor) {
        try {
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            anchors.setCertificateEntry("anchor", anchor);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own == null ? null : own.keyStore("x"), "x".toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
