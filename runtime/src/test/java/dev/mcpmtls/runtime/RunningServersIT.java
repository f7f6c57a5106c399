// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.auditlog.AuditLog;
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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that holds servers, which it starts from a settings file. */
class RunningServersIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Runtime Root");

    @TempDir
    private Path store;

    @BeforeEach
    void makeCredential() {
        CA.server("echo").writeTo(store.resolve("credentials/echo"), CA.certificate());
    }

    @Test
    void aServerInAProgramAnswersAnAgent() throws IOException {
        try (RunningServers running = RunningServers.start(settings("127.0.0.1:0"), Keys.ECHO)) {
            assertThat(echo(running.member("echo").uri(), CA)).contains("hello");
        }
    }

    @Test
    void aServerInAProgramRefusesAStranger() throws IOException {
        try (RunningServers running = RunningServers.start(settings("127.0.0.1:0"), Keys.ECHO)) {
            URI echo = running.member("echo").uri();
            ThrowawayCa other = ThrowawayCa.root("Stranger");

            assertThatThrownBy(() -> echo(echo, other))
                    .satisfies(thrown -> assertThat(ConnectionException.in(thrown))
                            .containsInstanceOf(ConnectionException.RefusedByPeer.class));
        }
    }

    @Test
    void entriesShareAnAddressByPath() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path file = Files.writeString(store.resolve("shared.yaml"), """
                dir: %s
                servers:
                  files: {listen: "127.0.0.1:%d", credential: echo, command: [cat]}
                  crm: {listen: "127.0.0.1:%d", credential: echo, path: /crm, command: [cat]}
                """.formatted(store, port, port));
        Settings settings = Settings.load(file);

        try (AuditLog audit = Stores.audit(settings);
                RunningServers running =
                        RunningServers.start(settings, List.of(), settings.entries(), Optional.empty(), audit)) {
            assertThat(running.member("files").uri()).hasPort(port).hasPath("/mcp");
            assertThat(running.member("crm").uri()).hasPort(port).hasPath("/crm");
        }
    }

    @Test
    void tellsWhereHealthIs() throws Exception {
        Settings settings = settings("127.0.0.1:0", "health: {listen: '127.0.0.1:0'}");
        try (RunningServers running = RunningServers.start(settings, Keys.ECHO)) {
            URI ready = URI.create(running.monitoringAddress().orElseThrow() + "/health/ready");

            assertThat(HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void tellsOfNoHealthWhereItIsOff() throws IOException {
        try (RunningServers running = RunningServers.start(settings("127.0.0.1:0"), Keys.ECHO)) {
            assertThat(running.monitoringAddress()).isEmpty();
        }
    }

    @Test
    void closedServersLeaveTheirAddressAndTheirAuditLogToTheNext() throws IOException {
        int port;
        try (RunningServers running = RunningServers.start(settings("127.0.0.1:0"), Keys.ECHO)) {
            port = running.member("echo").uri().getPort();
        }
        try (RunningServers again = RunningServers.start(settings("127.0.0.1:" + port), Keys.ECHO)) {
            assertThat(again.member("echo").uri().getPort()).isEqualTo(port);
        }
        assertThat(store.resolve("audit.jsonl")).exists();
    }

    @Test
    void aServerWithoutACredentialIsNotStartedAndNothingIsWritten() throws IOException {
        Settings settings = settings("127.0.0.1:0");

        assertThatThrownBy(() -> RunningServers.start(settings, Keys.ECHO, Keys.WEATHER))
                .isInstanceOf(SetupException.NoCredential.class)
                .hasMessageContaining("'weather'");
        assertThat(store.resolve("audit.jsonl")).doesNotExist();
    }

    @Test
    void aServerWhoseAddressIsTakenIsNotStarted() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Settings settings = settings("127.0.0.1:" + other.getLocalPort());

            assertThatThrownBy(() -> RunningServers.start(settings, Keys.ECHO))
                    .isInstanceOf(SetupException.NoAddress.class)
                    .hasMessageContaining("the echo server cannot listen on 127.0.0.1:" + other.getLocalPort());
        }
    }

    @Test
    void aServerWhoseSettingsNameAMissingFileIsNotStarted() throws IOException {
        Settings settings = settings("127.0.0.1:0", "tls: {trust-anchors: [partner.crt]}");

        assertThatThrownBy(() -> RunningServers.start(settings, Keys.ECHO))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("partner.crt");
    }

    @Test
    void aRelaxedServerStartsOnLoopback() throws IOException {
        Settings settings = settings("127.0.0.1:0", "tls: {validation: relaxed}");
        try (RunningServers running = RunningServers.start(settings, Keys.ECHO)) {
            assertThat(running.members()).hasSize(1);
        }
    }

    @Test
    void aRelaxedServerIsNotStartedForTheNetwork() throws IOException {
        Settings settings = settings("0.0.0.0:0", "tls: {validation: relaxed}");

        assertThatThrownBy(() -> RunningServers.start(settings, Keys.ECHO))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("relaxed validation");
    }

    @Test
    void knowsNoServerThatWasNotStarted() throws IOException {
        try (RunningServers running = RunningServers.start(settings("127.0.0.1:0"), Keys.ECHO)) {
            assertThatThrownBy(() -> running.member("weather")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private Settings settings(String listen, String... more) throws IOException {
        Path file = store.resolve("mcp-mtls.yaml");
        Files.writeString(
                file,
                "dir: '%s'\nservers: {echo: {listen: '%s'}}\n%s\n".formatted(store, listen, String.join("\n", more)));
        return Settings.load(file);
    }

    private String echo(URI server, ThrowawayCa issuer) {
        TlsProfile tls = TlsProfile.strict(issuer.client("agent").writeTo(store.resolve("agent"), CA.certificate()));
        try (McpSyncClient client = McpClient.sync(
                        MtlsClientTransport.builder(server).tls(tls).build())
                .build()) {
            client.initialize();
            return client.callTool(CallToolRequest.builder("echo")
                            .arguments(Map.of("text", "hello"))
                            .build())
                    .content()
                    .toString();
        }
    }
}
