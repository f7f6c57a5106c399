// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server behind the gateway that wants access tokens, and its authorization server at the same address, both behind mutual TLS. */
class UpstreamTokensIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Upstream Token Root");
    private static final String CALL = """
        {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"say","arguments":{},\
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
        "io.modelcontextprotocol/clientInfo":{"name":"agent","version":"1"},\
        "io.modelcontextprotocol/clientCapabilities":{}}}}\
        """;

    @TempDir
    private Path store;

    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private final Queue<String> tokens = new ConcurrentLinkedQueue<>();
    private HttpsServer upstream;

    @BeforeEach
    void startUpstream() throws Exception {
        CA.server("crm").writeTo(store.resolve("credentials/crm"), CA.certificate());
        CA.client("gate").writeTo(store.resolve("credentials/gate"), CA.certificate());
        SSLContext tls = context(CA.server("upstream"));
        upstream = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        upstream.createContext("/", this::answer);
        upstream.start();
    }

    private static SSLContext context(Issued own) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("anchor", CA.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own.keyStore("x"), "x".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    @AfterEach
    void stopUpstream() {
        upstream.stop(0);
    }

    private String origin() {
        return "https://localhost:" + upstream.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/mcp")) {
                mcp(exchange, body);
            } else if (path.equals("/login/token")) {
                asked.add(((HttpsExchange) exchange).getSSLSession().getPeerPrincipal() + " " + body);
                send(exchange, 200, """
                    {"access_token": "gold", "token_type": "Bearer", "expires_in": 3600}\
                    """);
            } else if (path.equals("/.well-known/oauth-protected-resource/mcp")) {
                send(exchange, 200, """
                    {"resource": "%1$s/mcp", "authorization_servers": ["%1$s/login"]}\
                    """.formatted(origin()));
            } else if (path.equals("/.well-known/oauth-authorization-server/login")) {
                send(exchange, 200, """
                    {"issuer": "%1$s/login", "token_endpoint": "%1$s/login/token", "grant_types_supported": ["client_credentials"],
                     "response_types_supported": ["code"], "token_endpoint_auth_methods_supported": ["tls_client_auth"]}\
                    """.formatted(origin()));
            } else {
                send(exchange, 404, "{}");
            }
        }
    }

    private void mcp(HttpExchange exchange, String body) throws IOException {
        tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        if (!"Bearer gold".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.getResponseHeaders()
                    .set(
                            "WWW-Authenticate",
                            "Bearer resource_metadata=\"" + origin() + "/.well-known/oauth-protected-resource/mcp\"");
            send(exchange, 401, "{}");
            return;
        }
        String id = body.replaceFirst("(?s).*\"id\":(\"[^\"]*\"|\\d+).*", "$1");
        String result = body.contains("server/discover")
                ? "{\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}}}"
                : "{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\",\"text\":\"said\"}]}";
        send(exchange, 200, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private Settings settings(String oauth) throws IOException {
        return Settings.load(Files.writeString(store.resolve("mcp-mtls.yaml"), """
            dir: '%s'
            servers:
              crm:
                listen: '127.0.0.1:0'
                url: '%s/mcp'
                client-credential: gate
                client-oauth: {%s}
            """.formatted(store, origin(), oauth)));
    }

    private String called(Settings settings) throws Exception {
        HttpClient.Builder client = HttpClient.newBuilder();
        MtlsHttpClient.customizer(
                        TlsProfile.strict(CA.client("alice").writeTo(store.resolve("alice"), CA.certificate())))
                .accept(client);
        try (AuditLog audit = Stores.audit(settings);
                RunningServers running =
                        RunningServers.start(settings, List.of(), settings.entries(), Optional.empty(), audit)) {
            HttpRequest call = HttpRequest.newBuilder(running.member("crm").uri())
                    .header("Accept", "application/json, text/event-stream")
                    .header("Content-Type", "application/json")
                    .header("MCP-Protocol-Version", "2026-07-28")
                    .header("Mcp-Method", "tools/call")
                    .header("Mcp-Name", "say")
                    .header("Authorization", "Bearer of-the-caller")
                    .POST(BodyPublishers.ofString(CALL))
                    .build();
            return client.build().send(call, BodyHandlers.ofString()).body();
        }
    }

    @Test
    void theGatewayGetsATokenByItsCertificateAndKeepsItForItsOwner() throws Exception {
        Settings settings =
                settings("issuer: '" + origin() + "/login', client-id: gate, method: certificate, scopes: [crm]");

        assertThat(called(settings)).contains("said");

        assertThat(asked).singleElement().asString().contains("gate").contains("client_credentials", "scope=crm");
        assertThat(tokens.stream().distinct()).containsExactly("null", "Bearer gold");
        try (Stream<Path> kept = Files.list(ClientTokens.directory(settings))) {
            assertThat(kept.filter(file -> contains(file, "gold")))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
        assertThat(store.resolve("audit.jsonl")).content().doesNotContain("gold");
        tokens.clear();
        assertThat(called(settings)).contains("said");
        assertThat(tokens).containsOnly("Bearer gold");
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void credentialsGoToNoIssuerThatTheOperatorDidNotName() throws Exception {
        Settings settings = settings("issuer: 'https://login.test', client-id: gate, method: certificate");

        assertThat(called(settings))
                .contains("the server crm wants an access token", "whose log says why")
                .doesNotContain("login.test");

        assertThat(asked).isEmpty();
        assertThat(tokens).containsOnly("null");
    }

    @Test
    void aSecretThatIsMissingIsTold() throws Exception {
        Settings settings = settings(
                "issuer: '" + origin() + "/login', client-id: gate, method: secret, secret-file: secrets/none");

        assertThatThrownBy(() -> called(settings))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("secrets/none");
        assertThat(tokens).isEmpty();
    }
}
