// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Commands that accept a server only because validation is relaxed say so; others are silent. */
@Timeout(120)
class RelaxedClientIT {

    @TempDir
    private Path store;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void init() {
        assertThat(Run.of("init", "--dir", store.toString()).exit()).isEqualTo(ExitCode.DONE);
        ((Logger) LoggerFactory.getLogger("dev.mcpmtls"))
                .setLevel(Level.WARN); // another command of this JVM may have silenced it
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void unhook() {
        logger().detachAppender(log);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("dev.mcpmtls.tls.handshake.HandshakeLog");
    }

    @Test
    void eachCommandSaysSoOnceForItsConnection() {
        Issued stranger = ThrowawayCa.root("Elsewhere").server("stranger");
        Credential foreign = Credential.of("stranger", stranger.privateKey(), new Chain(stranger.chain()));
        for (List<String> command : commands(foreign, "relaxed")) {
            assertThat(warnings())
                    .as("%s", command)
                    .singleElement()
                    .asString()
                    .contains("only because validation is relaxed", "CN=Elsewhere");
            log.list.clear();
        }
    }

    @Test
    void commandsAreSilentWhereNothingHadToBeRelaxedAndWhenStrict() {
        Credential ours = Credential.load(store.resolve("credentials/echo"));
        for (String validation : List.of("relaxed", "strict")) {
            for (List<String> command : commands(ours, validation)) {
                assertThat(warnings()).as("%s", command).isEmpty();
            }
        }
    }

    /** Runs each on access: what it warned of is in the log then. */
    private Iterable<List<String>> commands(Credential server, String validation) {
        List<List<String>> commands = List.of(
                List.of("call", "URL", "echo", "text=hello"),
                List.of("call", "URL", "echo", "text=hello", "--json"),
                List.of("tools", "URL"),
                List.of("ask", "echo hello", "--coordinator-servers", "URL"),
                List.of("doctor", "URL"));
        return () -> commands.stream()
                .peek(command -> run(command, server, validation))
                .iterator();
    }

    private void run(List<String> command, Credential credential, String validation) {
        TrustPolicy policy = TrustPolicy.strict(TrustAnchors.load(store.resolve("credentials/echo/ca.crt")));
        MtlsServerTransport server = MtlsServerTransport.builder()
                .tls(TlsProfile.builder(
                                CredentialSource.fixed(credential), new ChainVerifier(policy, InstantSource.system()))
                        .build())
                .build();
        EchoServer.over(server);
        server.start();
        try {
            List<String> words = new ArrayList<>(command);
            words.replaceAll(word -> word.equals("URL") ? server.uri().toString() : word);
            words.addAll(List.of("--validation", validation, "--dir", store.toString()));
            Run run = Run.of(words.toArray(String[]::new));
            assertThat(run.exit()).as("%s: %s%s", words, run.out(), run.err()).isEqualTo(ExitCode.DONE);
        } finally {
            server.shutdown(Duration.ZERO).join();
        }
    }

    private List<String> warnings() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
