// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code connect} in front of a server of ours. Its certificate expired a day ago; the server's is new. */
@Timeout(60)
class ConnectIT {

    private static final String WORDS = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            {"jsonrpc":"2.0","method":"notifications/initialized"}
            {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{}}}
            {"jsonrpc":"2.0","id":3,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}
            """;

    @TempDir
    private Path directory;

    private Store store;
    private MtlsServerTransport transport;
    private McpSyncServer server;

    @BeforeEach
    void serve() throws IOException {
        store = Store.at(directory.resolve("store"));
        initialise(InstantSource.offset(InstantSource.system(), Duration.ofHours(-48)), "coordinator");
        initialise(InstantSource.system(), "echo");
        transport = MtlsServerTransport.builder()
                .tls(TlsProfile.strict(store.credential("echo")))
                .build();
        server = McpServer.sync(transport)
                .serverInfo("s", "1")
                .immediateExecution(true)
                .toolCall(
                        McpSchema.Tool.builder("echo", Map.of("type", "object")).build(),
                        (exchange, request) ->
                                CallToolResult.builder().addTextContent("here").build())
                .build();
        transport.start();
    }

    private void initialise(InstantSource clock, String name) {
        Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                List.of(name.equals("echo") ? Grant.server("demo.local", name) : Grant.agent("demo.local", name)),
                Optional.empty(),
                new Surroundings(clock, new SecureRandom(), AuditSink.none()));
    }

    @AfterEach
    void stop() {
        server.close();
        transport.close();
    }

    private record Said(int code, String out, String err) {}

    private Said connect(String... more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(WORDS.getBytes(StandardCharsets.UTF_8)), out, err);
        String[] words = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                "connect",
                                transport.uri().toString(),
                                "--dir",
                                store.directory().toString()),
                        java.util.stream.Stream.of(more))
                .toArray(String[]::new);
        int code = Cli.run(console, Map.of(), words);
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void renewsItsCertificateAndSpeaksBothEras() {
        BigInteger expired = serial();

        Said said = connect();

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(serial()).isNotEqualTo(expired);
        assertThat(said.out().lines()).hasSize(3);
        assertThat(said.out())
                .contains("\"id\":1,\"result\":{\"protocolVersion\":\"2025-06-18\"")
                .contains("\"id\":2,\"result\"")
                .contains("here")
                .contains("\"id\":3,\"result\"")
                .contains("supportedVersions");
    }

    @Test
    void saysThatAnExpiredCertificateIsRenewedElsewhere() throws IOException {
        Files.move(store.directory().resolve("authority"), directory.resolve("elsewhere"));

        Said said = connect();

        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains("expired");
    }

    @Test
    void saysWhatIsMissingBeforeItSaysAnythingElse() {
        Said said = connect("--credential", "nobody");

        assertThat(said.code()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains("there is no credential 'nobody'").contains("cert issue nobody");
    }

    private BigInteger serial() {
        return Credential.load(store.credential("coordinator")).chain().leaf().getSerialNumber();
    }
}
