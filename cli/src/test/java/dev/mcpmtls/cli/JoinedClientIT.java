// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Enrolment.NewInvitation;
import dev.mcpmtls.authority.EnrolmentAnswer.Granted;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.RevocationReason;
import dev.mcpmtls.authority.SigningRequest;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.enrolment.server.EstServer;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A machine that joined and was off for days: its certificate has expired. Each command renews it before it connects. */
@Timeout(120)
class JoinedClientIT {

    private static final Duration GRACE = Duration.ofDays(7);
    private static final String NAME = "laptop-7";
    private static final String WORDS = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
            """;

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Store store;
    private EstServer est;
    private MtlsServerTransport transport;
    private McpSyncServer server;

    @BeforeEach
    void serve() {
        ((Logger) LoggerFactory.getLogger("dev.mcpmtls"))
                .setLevel(Level.WARN); // another command of this JVM may have silenced it
        log.start();
        logger().addAppender(log);
        store = Store.at(here);
        initialise(ago(Duration.ofDays(20)), List.of());
        initialise(
                InstantSource.system(),
                List.of(Grant.server("demo.local", "echo"), Grant.server("demo.local", "authority")));
        est = EstServer.start(
                new InetSocketAddress("127.0.0.1", 0),
                new EstServer.Parts(
                        store,
                        open(InstantSource.system()),
                        CredentialSource.fixed(Credential.load(store.credential("authority"))),
                        GRACE,
                        Duration.ofSeconds(5),
                        AuditSink.none(),
                        InstantSource.system()));
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

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("dev.mcpmtls.authority.RenewalRunner");
    }

    @AfterEach
    void stop() {
        logger().detachAppender(log);
        est.close();
        server.close();
        transport.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"call URL echo", "tools URL", "whoami URL", "doctor URL", "connect URL"})
    void renewsBeforeItConnects(String command) {
        enrol(Duration.ofDays(3));
        BigInteger expired = serial();
        Run run = run(command);
        assertThat(run.exit()).as(run.out() + run.err()).isEqualTo(ExitCode.DONE);
        assertThat(serial()).isNotEqualTo(expired);
    }

    @ParameterizedTest
    @ValueSource(strings = {"call URL echo", "doctor URL", "connect URL"})
    void saysWhyItIsNotRenewedAfterTheGrace(String command) {
        enrol(GRACE.plusDays(2));
        BigInteger expired = serial();
        Run run = run(command);
        assertThat(run.exit()).isNotEqualTo(ExitCode.DONE);
        assertThat(run.out() + run.err())
                .contains("could be renewed until")
                .contains("new invitation")
                .doesNotContain("cert renew")
                .doesNotContain("cert rekey");
        assertThat(serial()).isEqualTo(expired);
    }

    /** Nothing that its user is told is a command of the authority's machine. */
    @Test
    void aRevokedNameIsSentToTheOperator() {
        enrol(Duration.ofDays(3));
        try (Authority authority = open(InstantSource.system())) {
            authority.revoke(NAME, RevocationReason.UNSPECIFIED);
        }
        Run run = run("doctor URL");
        assertThat(run.exit()).isNotEqualTo(ExitCode.DONE);
        assertThat(run.out() + run.err())
                .contains("'laptop-7' was revoked at", "ask the authority's operator")
                .doesNotContain("cert rekey")
                .doesNotContain("cert renew");
    }

    /** A certificate of 24 hours that expired so long ago. */
    private void enrol(Duration ago) {
        RequestedKey key = RequestedKey.generate(KeyType.EC_P256, new SecureRandom());
        SigningRequest request = SigningRequest.parse(key.request(new X500Principal("CN=" + NAME)));
        try (Authority authority = open(ago(ago.plusHours(24)))) {
            NewInvitation invited =
                    authority.enrolment().invite(Grant.agent("demo.local", NAME), Duration.ofMinutes(15), 1);
            Granted granted =
                    (Granted) authority.enrolment().redeem(invited.invitation().id(), invited.secret(), request);
            URI uri = URI.create("https://localhost:" + est.port());
            Store.at(there)
                    .install(
                            NAME,
                            granted.issuance(),
                            key.pem(),
                            new RenewalSource(uri, Optional.of(uri.resolve("/crl.pem")), Optional.empty(), false));
        }
    }

    private static InstantSource ago(Duration time) {
        return InstantSource.offset(InstantSource.system(), time.negated());
    }

    private void initialise(InstantSource clock, List<Grant> grants) {
        Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                grants,
                Optional.empty(),
                surroundings(clock));
    }

    private Authority open(InstantSource clock) {
        return Authority.open(store, Optional.empty(), surroundings(clock));
    }

    private static Surroundings surroundings(InstantSource clock) {
        return new Surroundings(clock, new SecureRandom(), AuditSink.none());
    }

    private BigInteger serial() {
        return Credential.load(Store.at(there).credential(NAME)).chain().leaf().getSerialNumber();
    }

    private Run run(String command) {
        List<String> words = new ArrayList<>(
                List.of(command.replace("URL", transport.uri().toString()).split(" ")));
        words.addAll(List.of("--dir", there.toString()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new ByteArrayInputStream(WORDS.getBytes(StandardCharsets.UTF_8)), out, err);
        int code = Cli.run(console, Map.of(), words.toArray(String[]::new));
        String logged =
                log.list.stream().map(ILoggingEvent::getFormattedMessage).collect(Collectors.joining("\n"));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8) + logged);
    }
}
