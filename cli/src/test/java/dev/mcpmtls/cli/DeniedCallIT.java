// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that lets a caller look and not touch. */
class DeniedCallIT {

    private static final Pattern SHOWN = Pattern.compile("mcp-mtls audit --connection ([0-9a-f]{16})\\b");

    private final List<AuditEvent> atServer = new CopyOnWriteArrayList<>();

    @TempDir
    private Path store;

    private MtlsServerTransport server;

    @BeforeEach
    void serve() {
        assertThat(Run.of("init", "--dir", store.toString()).exit()).isEqualTo(ExitCode.DONE);
        Run.of("cert", "issue", "tom", "--dir", store.toString());
        server = MtlsServerTransport.builder()
                .tls(profile())
                .accessPolicy(this::decide)
                .build();
        EchoServer.over(server);
        server.start();
    }

    @AfterEach
    void close() {
        server.shutdown(Duration.ZERO).join();
    }

    @Test
    void showsTheConnectionUnderWhichTheServerHasRecordedTheDenial() {
        Run denied = call("echo", "tom");

        assertThat(denied.exit()).as(denied.err()).isEqualTo(ExitCode.DENIED);
        assertThat(denied.err()).contains("denied: tom may look only").contains("the server's operator finds");
        Matcher shown = SHOWN.matcher(denied.err());
        assertThat(shown.find()).isTrue();
        assertThat(atServer)
                .anySatisfy(event -> assertThat(event).isInstanceOfSatisfying(AuditEvent.CallDecided.class, decided -> {
                    assertThat(decided.action()).isEqualTo(AuditEvent.Action.CALL_DENIED);
                    assertThat(decided.connection().id()).isEqualTo(shown.group(1));
                }));
    }

    @Test
    void deniesAnAnswerThatNeedsAToolWhichTheServerDoesNotListToTheCaller() {
        Run asked = ask("tom");

        assertThat(asked.exit()).as(asked.err()).isEqualTo(ExitCode.DENIED);
        assertThat(asked.err()).contains("no server permits us the tool echo\n  ask its operator");
    }

    @Test
    void answersWhenTheToolIsPermitted() {
        Run asked = ask("coordinator");

        assertThat(asked.exit()).as(asked.err()).isEqualTo(ExitCode.DONE);
        assertThat(asked.out()).isEqualTo("hello\n");
    }

    @Test
    void saysThatNoToolIsListed() {
        assertThat(tools("tom").out()).contains("No tool is listed for you");
        assertThat(tools("coordinator").out()).contains("echo(text)").doesNotContain("No tool is listed");
    }

    @Test
    void showsNoneWhenThereIsNoSuchTool() {
        Run unknown = call("shout", "coordinator");

        assertThat(unknown.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(unknown.err()).contains("the server has no tool 'shout'\n  it has echo");
    }

    @Test
    void showsNoneWhenTheCallIsPermitted() {
        Run permitted = call("echo", "coordinator");

        assertThat(permitted.exit()).isEqualTo(ExitCode.DONE);
        assertThat(permitted.out()).isEqualTo("hello\n");
        assertThat(permitted.err()).isEmpty();
    }

    private Decision decide(Peer caller, Call call) {
        boolean touches = call.method().equals("tools/call");
        return touches && caller.identity().text().endsWith("/tom")
                ? new Decision.Deny("tom may look only")
                : new Decision.Permit();
    }

    private Run call(String tool, String credential) {
        String url = server.uri().toString();
        return Run.of("call", url, tool, "text=hello", "--credential", credential, "--dir", store.toString());
    }

    private Run ask(String credential) {
        String url = server.uri().toString();
        return Run.of(
                "ask",
                "echo hello",
                "--coordinator-servers",
                url,
                "--credential",
                credential,
                "--dir",
                store.toString());
    }

    private Run tools(String credential) {
        return Run.of("tools", server.uri().toString(), "--credential", credential, "--dir", store.toString());
    }

    private TlsProfile profile() {
        Path own = store.resolve("credentials/echo");
        TrustPolicy policy = TrustPolicy.strict(TrustAnchors.load(own.resolve("ca.crt")));
        ChainVerifier verifier = new ChainVerifier(policy, InstantSource.system());
        return TlsProfile.builder(CredentialSource.fixed(Credential.load(own)), verifier)
                .audit(event -> {
                    atServer.add(event);
                    return CompletableFuture.completedFuture(null);
                })
                .build();
    }
}
