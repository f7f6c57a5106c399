// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The console of a real server, with real callers, on loopback and over mutual TLS. */
class ConsoleServingIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Console Root");
    private static final ThrowawayCa OTHER = ThrowawayCa.root("Stranger");
    private static final String ADMIN = "spiffe://demo.local/agent/admin";

    @TempDir
    private static Path store;

    private static RunningServers running;
    private static String local = "";
    private static String token = "";
    private static String remote = "";

    @BeforeAll
    static void start() throws IOException {
        CA.server("echo").writeTo(store.resolve("credentials/echo"), CA.certificate());
        running = RunningServers.start(
                settings(
                        "127.0.0.1:0",
                        "enabled: true, listen: '0.0.0.0:0', credential: echo, peers: ['" + ADMIN + "']"),
                Keys.ECHO);
        String[] parts = running.consoleAddresses().get(0).split("#token=", 2);
        local = parts[0] + "api/";
        token = parts[1];
        remote = running.consoleAddresses().get(1) + "api/";
        call(profile(CA, "agent", "spiffe://demo.local/agent/agent"));
        assertThatThrownBy(() -> call(profile(OTHER, "laptop-7", "spiffe://demo.local/agent/laptop-7")))
                .satisfies(thrown -> assertThat(ConnectionException.in(thrown))
                        .containsInstanceOf(ConnectionException.RefusedByPeer.class));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void showsWhoCalledWhatAndWhoWasRefused() throws Exception {
        String map = get(HttpClient.newHttpClient(), local + "map", token).body();

        assertThat(map)
                .contains("\"peer\":\"spiffe://demo.local/agent/agent\",\"server\":\"echo-mcp\","
                        + "\"method\":\"tools/call\",\"tool\":\"echo\",\"calls\":1,\"permitted\":1")
                .contains("\"peer\":\"spiffe://demo.local/agent/laptop-7\",\"reason\":\"UNTRUSTED_ISSUER\"")
                .contains("\"p99Millis\":");
        assertThat(get(HttpClient.newHttpClient(), local + "events?reason=UNTRUSTED_ISSUER", token)
                        .body())
                .contains("\"sentence\":\"echo-mcp refused spiffe://demo.local/agent/laptop-7: ");
        assertThat(get(HttpClient.newHttpClient(), local + "certificates", token)
                        .body())
                .contains("\"kind\":\"own\",\"name\":\"echo\"", "\"kind\":\"peer\"", "\"kind\":\"anchor\"")
                .doesNotContain("PRIVATE");
        assertThat(get(HttpClient.newHttpClient(), local + "figures", token).body())
                .contains("\"audit\":{\"kept\":true", "\"server\":\"echo-mcp\",\"entry\":\"echo\",\"connections\":");
    }

    @Test
    void showsNothingWithoutTheToken() throws Exception {
        assertThat(get(HttpClient.newHttpClient(), local + "map", "").statusCode())
                .isEqualTo(401);
        assertThat(get(HttpClient.newHttpClient(), local + "map", token.substring(1))
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void aListedPeerReadsItFromElsewhereWithoutAToken() throws Exception {
        HttpResponse<String> answer = get(client(profile(CA, "admin", ADMIN)), remote + "map", "");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).startsWith("{\"at\":");
    }

    @Test
    void anAcceptedPeerThatIsNotListedReadsNothing() throws Exception {
        HttpResponse<String> answer =
                get(client(profile(CA, "agent", "spiffe://demo.local/agent/agent")), remote + "map", token);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("PEER_NOT_LISTED");
    }

    @Test
    void aStrangerDoesNotGetThroughTheHandshake() {
        assertThatThrownBy(() -> get(client(profile(OTHER, "admin", ADMIN)), remote + "map", token))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0.0.0.0:0; enabled: true; it is not an address of this machine alone",
                "127.0.0.1:0; listen: '127.0.0.1:0', credential: echo; console.listen needs console.peers",
                "127.0.0.1:0; listen: '127.0.0.1:0', peers: ['spiffe://a/b']; console.listen needs console.credential",
                "127.0.0.1:0; peers: ['spiffe://a/b']; no effect without console.listen",
                "127.0.0.1:0; listen: '127.0.0.1:0', credential: echo, peers: ['admin']; console.peers"
            })
    void failsClosed(String health, String console, String message) {
        assertThatThrownBy(() -> RunningServers.start(settings(health, console), Keys.ECHO))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining(message);
    }

    private static Settings settings(String health, String console) throws IOException {
        Path file = Files.writeString(store.resolve("mcp-mtls.yaml"), """
            dir: '%s'
            servers: {echo: {listen: '127.0.0.1:0'}}
            health: {listen: '%s'}
            console: {%s}
            """.formatted(store, health, console));
        return Settings.load(file);
    }

    private static TlsProfile profile(ThrowawayCa issuer, String name, String uri) {
        return TlsProfile.strict(issuer.client(name, spec -> spec.withoutNames().uri(uri))
                .writeTo(store.resolve(issuer == CA ? name : name + "-other"), CA.certificate()));
    }

    private static void call(TlsProfile tls) {
        try (McpSyncClient client = McpClient.sync(
                        MtlsClientTransport.builder(running.member("echo").uri())
                                .tls(tls)
                                .build())
                .build()) {
            client.initialize();
            client.callTool(CallToolRequest.builder("echo")
                    .arguments(Map.of("text", "hello"))
                    .build());
        }
    }

    private static HttpClient client(TlsProfile profile) {
        return profile.secure(HttpClient.newBuilder()).build();
    }

    private static HttpResponse<String> get(HttpClient client, String uri, String bearer)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri));
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
