// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers of a settings file that take access tokens, with an issuer that signs them. */
class ServerTokensIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Token Root");
    private static final String CALL = """
        {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"},\
        "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
        "io.modelcontextprotocol/clientInfo":{"name":"agent","version":"1"},\
        "io.modelcontextprotocol/clientCapabilities":{}}}}\
        """;

    @TempDir
    private Path store;

    private final Issued alice = CA.client("alice");

    @BeforeEach
    void makeCredential() {
        CA.server("echo").writeTo(store.resolve("credentials/echo"), CA.certificate());
    }

    @Test
    void aBuiltInServerTakesTheTokensOfItsIssuer() throws Exception {
        int port = freePort();
        try (LocalIssuer issuer = new LocalIssuer();
                RunningServers running = RunningServers.start(
                        settings("""
                            servers:
                              echo:
                                listen: '127.0.0.1:%d'
                                oauth:
                                  issuers: [{url: '%s', jwks: '%s/jwks'}]
                                  scopes: [echo]
                                  require: true
                            access: {file: rules.yaml}
                            """.formatted(port, issuer.url(), issuer.url()), """
                                rules:
                                  - {name: alices, subjects: ['%s#alice'], tools: ['*']}
                                  - {name: more, scopes: [admin], tools: ['*']}
                                """.formatted(issuer.url())),
                        Keys.ECHO)) {
            URI echo = running.member("echo").uri();
            X509Certificate bound = alice.chain().get(0);

            HttpResponse<String> document = get(echo, "/.well-known/oauth-protected-resource/mcp");
            assertThat(document.body()).contains("\"resource\":\"" + echo + "\"", issuer.url(), "[\"echo\"]");
            HttpResponse<String> missing = call(echo, null);
            assertThat(missing.statusCode()).isEqualTo(401);
            assertThat(challenge(missing))
                    .startsWith(
                            "Bearer resource_metadata=\"" + echo.resolve("/.well-known/oauth-protected-resource/mcp"))
                    .endsWith("scope=\"echo\"");
            assertThat(call(echo, issuer.token(echo.toString(), "alice", "echo", bound))
                            .body())
                    .contains("hello");
            assertThat(call(echo, issuer.token(echo.toString(), "alice", "other", bound))
                            .statusCode())
                    .isEqualTo(403);
            HttpResponse<String> bob = call(echo, issuer.token(echo.toString(), "bob", "echo", bound));
            assertThat(bob.statusCode()).isEqualTo(403);
            assertThat(challenge(bob)).contains("error=\"insufficient_scope\"", "scope=\"admin echo\"");
            assertThat(call(echo, issuer.token("https://other.test/mcp", "alice", "echo", bound))
                            .statusCode())
                    .isEqualTo(401);
            X509Certificate another = CA.client("alice").chain().get(0);
            HttpResponse<String> stolen = call(echo, issuer.token(echo.toString(), "alice", "echo", another));
            assertThat(stolen.statusCode()).isEqualTo(401);
            assertThat(challenge(stolen)).contains("error=\"invalid_token\"");
        }
        assertThat(store.resolve("audit.jsonl"))
                .content()
                .contains("TOKEN_MISSING", "TOKEN_WRONG_AUDIENCE", "TOKEN_WRONG_BINDING", "TOKEN_INSUFFICIENT_SCOPE")
                .contains("mcp_mtls.token.bound_to_sha256", "\"mcp_mtls.token.subject\":\"alice\"")
                .doesNotContain("eyJ");
    }

    @Test
    void anEntryTakesThemAndItsNeighbourIgnoresThem() throws Exception {
        int port = freePort();
        try (LocalIssuer issuer = new LocalIssuer()) {
            Settings settings = settings("""
                servers:
                  files:
                    listen: "127.0.0.1:%d"
                    credential: echo
                    command: [cat]
                    oauth: {issuers: [{url: '%s', jwks: '%s/jwks'}], require: true}
                  crm: {listen: "127.0.0.1:%d", credential: echo, path: /crm, command: [cat]}
                """.formatted(port, issuer.url(), issuer.url(), port), null);
            try (AuditLog audit = Stores.audit(settings);
                    RunningServers running =
                            RunningServers.start(settings, List.of(), settings.entries(), Optional.empty(), audit)) {
                URI files = running.member("files").uri();
                URI crm = running.member("crm").uri();

                assertThat(get(files, "/.well-known/oauth-protected-resource/mcp")
                                .statusCode())
                        .isEqualTo(200);
                assertThat(get(files, "/.well-known/oauth-protected-resource/crm")
                                .statusCode())
                        .isEqualTo(404);
                assertThat(call(files, null).statusCode()).isEqualTo(401);
                assertThat(call(crm, "nonsense").statusCode()).isNotEqualTo(401);
            }
        }
    }

    @Test
    void aServerOnAnyPortNamesItsAudience() throws Exception {
        Settings settings =
                settings("servers: {echo: {listen: '127.0.0.1:0', oauth: {issuers: ['https://login.test']}}}", null);

        assertThatThrownBy(() -> RunningServers.start(settings, Keys.ECHO))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("servers.echo.oauth.audience");
    }

    private HttpResponse<String> call(URI server, @Nullable String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server)
                .header("Accept", "application/json, text/event-stream")
                .header("Content-Type", "application/json")
                .header("MCP-Protocol-Version", "2026-07-28")
                .header("Mcp-Method", "tools/call")
                .header("Mcp-Name", "echo")
                .POST(BodyPublishers.ofString(CALL));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return client().send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(URI server, String path) throws Exception {
        return client().send(HttpRequest.newBuilder(server.resolve(path)).build(), BodyHandlers.ofString());
    }

    private HttpClient client() {
        HttpClient.Builder building = HttpClient.newBuilder();
        MtlsHttpClient.customizer(TlsProfile.strict(alice.writeTo(store.resolve("alice"), CA.certificate())))
                .accept(building);
        return building.build();
    }

    private static String challenge(HttpResponse<String> answer) {
        return answer.headers().firstValue("www-authenticate").orElse("");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private Settings settings(String yaml, @Nullable String rules) throws IOException {
        if (rules != null) {
            Files.writeString(store.resolve("rules.yaml"), rules);
        }
        return Settings.load(Files.writeString(store.resolve("mcp-mtls.yaml"), "dir: '" + store + "'\n" + yaml));
    }
}
