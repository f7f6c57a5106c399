// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.oauth.client.grant.ClientAuthentication;
import dev.mcpmtls.oauth.client.grant.Grant;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.MovableClock;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * An MCP server's metadata and its authorization server, at one address behind mutual TLS. Well-behaved at first; a test changes what it likes.
 */
public final class OAuthWorld implements AutoCloseable {

    /** A request as it came. */
    public record Request(
            String method, URI url, Map<String, String> headers, Map<String, String> form, X509Certificate peer) {}

    /** An answer. */
    public record Answer(int status, Map<String, String> headers, String body) {}

    /** Answers to a path. */
    @FunctionalInterface
    public interface Handler {
        Answer answer(Request request) throws Exception;
    }

    public static final ClientAuthentication SECRET = ClientAuthentication.secret("s3cret");
    public static final Json JSON = new Json(32, 1 << 20);

    public final ThrowawayCa ca = ThrowawayCa.root("OAuth CA");
    public final MovableClock clock = new MovableClock(Instant.now());
    public final List<Request> requests = new CopyOnWriteArrayList<>();
    public final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    public final Map<String, Object> resource = new LinkedHashMap<>();
    public final Map<String, Object> server = new LinkedHashMap<>();
    public final AtomicInteger tokens = new AtomicInteger();
    public final ReplaceableCredential own = new ReplaceableCredential(credential(ca.client("agent")));
    public final TlsProfile tls;

    private final HttpsServer http;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public OAuthWorld(Path directory) throws IOException, GeneralSecurityException {
        this(directory, name -> name);
    }

    /** @param names changes the names in the certificate of the server */
    public OAuthWorld(Path directory, UnaryOperator<CertificateSpec> names)
            throws IOException, GeneralSecurityException {
        Path anchors = directory.resolve("ca.crt");
        Files.writeString(anchors, Issued.pem("CERTIFICATE", ca.certificate().getEncoded()));
        TrustPolicy trust = TrustPolicy.strict(TrustAnchors.load(anchors));
        tls = TlsProfile.builder(own, new ChainVerifier(trust, InstantSource.system()))
                .build();
        http = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setHttpsConfigurator(wantingCertificates(ca, names));
        http.setExecutor(threads);
        http.createContext("/", this::answer);
        http.start();
        behave();
    }

    public static Credential credential(Issued issued) {
        return Credential.of("agent", issued.privateKey(), new Chain(issued.chain()));
    }

    private static HttpsConfigurator wantingCertificates(ThrowawayCa ca, UnaryOperator<CertificateSpec> names)
            throws GeneralSecurityException, IOException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(ca.server("login", names).keyStore("secret"), "secret".toCharArray());
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("ca", ca.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        };
    }

    private void behave() {
        resource.put("resource", mcp().toString());
        resource.put("authorization_servers", List.of(issuer()));
        server.put("issuer", issuer());
        server.put("token_endpoint", origin() + "/as/token");
        server.put("authorization_endpoint", origin() + "/as/authorize");
        server.put("registration_endpoint", origin() + "/as/register");
        server.put("code_challenge_methods_supported", List.of("S256"));
        server.put("authorization_response_iss_parameter_supported", true);
        server.put("token_endpoint_auth_methods_supported", List.of("none", "client_secret_basic"));
        handlers.put("/.well-known/oauth-protected-resource/mcp", request -> json(200, resource));
        handlers.put("/.well-known/oauth-authorization-server/as", request -> json(200, server));
        handlers.put("/as/token", request -> json(200, token()));
        handlers.put("/as/register", request -> json(201, Map.of("client_id", "registered-1")));
    }

    /** The next token: {@code t-1}, {@code t-2}, … for an hour. */
    public Map<String, Object> token() {
        Map<String, Object> issued = new LinkedHashMap<>();
        issued.put("access_token", "t-" + tokens.incrementAndGet());
        issued.put("token_type", "Bearer");
        issued.put("expires_in", 3_600);
        return issued;
    }

    /** The next token, of type DPoP. */
    public Map<String, Object> boundToken() {
        Map<String, Object> issued = token();
        issued.put("token_type", "DPoP");
        return issued;
    }

    /** Has the authorization server bind tokens to keys (RFC 9449). */
    public void bindToKeys() {
        server.put("dpop_signing_alg_values_supported", List.of("ES256"));
        handlers.put("/as/token", request -> json(200, boundToken()));
    }

    public static Answer json(int status, Map<String, ?> object) {
        return new Answer(
                status,
                Map.of("Content-Type", "application/json"),
                new String(JSON.write(object), StandardCharsets.UTF_8));
    }

    public String origin() {
        return "https://localhost:" + http.getAddress().getPort();
    }

    public String issuer() {
        return origin() + "/as";
    }

    public URI mcp() {
        return URI.create(origin() + "/mcp");
    }

    public OAuthClient.Builder client() {
        return OAuthClient.builder(mcp(), tls).clock(clock);
    }

    /** A client that gets tokens by its own credentials. */
    public OAuthClient.Builder program(ClientAuthentication authentication) {
        return client().issuer(issuer()).client("agent-7", authentication).grant(Grant.clientCredentials());
    }

    /** A refusal with these parameters. */
    public static Challenge challenge(int status, String parameters) {
        return Challenge.of(status, List.of("Bearer " + parameters), Optional.empty())
                .orElseThrow();
    }

    public static Challenge unauthorized() {
        return challenge(401, "");
    }

    public List<Request> to(String path) {
        return requests.stream()
                .filter(request -> request.url().getPath().equals(path))
                .toList();
    }

    /** The result of a step, or its failure. */
    public static <T> T await(CompletionStage<T> step) throws InterruptedException, TimeoutException {
        try {
            return step.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NoTokenException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        }
    }

    /** The token in a header. */
    public static String presented(Optional<Authorization> authorization) {
        return String.valueOf(authorization.orElseThrow().headers("POST").get("Authorization"));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Request request = request(exchange);
            requests.add(request);
            Handler handler =
                    handlers.getOrDefault(request.url().getPath(), missing -> new Answer(404, Map.of(), "not here"));
            Answer answer = handler.answer(request);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private static Request request(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> form = new LinkedHashMap<>();
        String type = headers.getOrDefault("Content-type", "");
        if (type.startsWith("application/x-www-form-urlencoded")) {
            for (String pair : body.split("&")) {
                String[] sides = pair.split("=", 2);
                form.put(sides[0], URLDecoder.decode(sides[1], StandardCharsets.UTF_8));
            }
        } else {
            form.put("body", body);
        }
        X509Certificate peer =
                (X509Certificate) ((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0];
        return new Request(exchange.getRequestMethod(), exchange.getRequestURI(), headers, form, peer);
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
