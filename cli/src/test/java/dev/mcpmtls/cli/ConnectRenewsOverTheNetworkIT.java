// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.enrolment.server.EstServer;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.TrustAnchors;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code connect} on a laptop that was off for days. The authority serves EST elsewhere. */
@Timeout(120)
class ConnectRenewsOverTheNetworkIT {

    private static final Duration GRACE = Duration.ofDays(7);
    private static final String WORDS = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            """;

    @TempDir
    private Path directory;

    private Store laptop;
    private Authority authority;
    private EstServer est;
    private MtlsServerTransport transport;
    private McpSyncServer server;

    /** An authority, a server, and a laptop whose certificate expired this long ago. */
    private void serve(Duration expired) {
        Surroundings now = new Surroundings(InstantSource.system(), new SecureRandom(), AuditSink.none());
        InstantSource then = InstantSource.offset(
                InstantSource.system(), expired.plusHours(24).negated());
        Store store = Store.at(directory.resolve("there"));
        initialise(store, new Surroundings(then, now.random(), now.audit()), Grant.agent("demo.local", "coordinator"));
        initialise(store, now, Grant.server("demo.local", "echo"));
        laptop = Store.at(directory.resolve("laptop"));
        authority = Authority.open(store, Optional.empty(), now);
        CredentialSource credential = CredentialSource.fixed(Credential.load(store.credential("echo")));
        est = EstServer.start(
                new InetSocketAddress("127.0.0.1", 0),
                new EstServer.Parts(
                        store, authority, credential, GRACE, Duration.ofSeconds(5), now.audit(), now.clock()));
        transport = MtlsServerTransport.builder()
                .tls(TlsProfile.strict(store.credential("echo")))
                .build();
        server = McpServer.sync(transport).serverInfo("s", "1").build();
        transport.start();
        moveToTheLaptop(store.credential("coordinator"));
    }

    private static void initialise(Store store, Surroundings surroundings, Grant grant) {
        Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                List.of(grant),
                Optional.empty(),
                surroundings);
    }

    @AfterEach
    void stop() {
        server.close();
        transport.close();
        est.close();
        authority.close();
    }

    @Test
    void renewsAnExpiredCertificateBeforeItDials() {
        serve(Duration.ofDays(6));
        X509Certificate expired = leaf();

        Said said = connect();

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).contains("\"id\":1,\"result\"");
        assertThat(leaf()).isNotEqualTo(expired);
        assertThat(leaf().getNotAfter().toInstant()).isAfter(Instant.now());
    }

    @Test
    void isRefusedAfterTheGrace() {
        serve(Duration.ofDays(8));
        X509Certificate expired = leaf();

        Said said = connect();

        assertThat(said.code()).isNotZero();
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains("expired", "new invitation").doesNotContain("cert renew");
        assertThat(leaf()).isEqualTo(expired);
    }

    /** With the address where it is renewed. */
    private void moveToTheLaptop(Path from) {
        Credential own = Credential.load(from);
        RequestedKey key = RequestedKey.of(own.privateKey(), own.chain().leaf().getPublicKey());
        laptop.install(
                "coordinator",
                new Issuance(own.chain(), TrustAnchors.load(from.resolve(TrustAnchors.FILE))),
                key.pem(),
                RenewalSource.of(URI.create("https://localhost:" + est.port())));
    }

    private record Said(int code, String out, String err) {}

    private Said connect() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(WORDS.getBytes(StandardCharsets.UTF_8)), out, err);
        int code = Cli.run(
                console,
                Map.of(),
                "connect",
                transport.uri().toString(),
                "--dir",
                laptop.directory().toString());
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private X509Certificate leaf() {
        return Credential.load(laptop.credential("coordinator")).chain().leaf();
    }
}
