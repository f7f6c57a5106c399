// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bindings in mcp-mtls.yaml follow the file while servers run. */
@Timeout(60)
class BoundAnchorsReloadIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("Runtime Root");
    private static final ThrowawayCa PARTNER = ThrowawayCa.root("Partner Root");
    private static final String PARTNERS = "{file: partner.crt, for: ['spiffe://partner.example/**']}";

    @TempDir
    private Path store;

    @BeforeEach
    void makeCredential() throws Exception {
        CA.server("echo").writeTo(store.resolve("credentials/echo"), CA.certificate());
        Files.writeString(
                store.resolve("partner.crt"),
                dev.mcpmtls.testkit.Issued.pem(
                        "CERTIFICATE", PARTNER.certificate().getEncoded()));
    }

    @Test
    void aBindingThatIsTakenAwayCutsALivePeer() throws IOException {
        try (RunningServers running = RunningServers.start(write(PARTNERS), Keys.ECHO);
                McpSyncClient client = partner(running.member("echo").uri(), "spiffe://partner.example/agent/a")) {
            client.initialize();
            assertThat(echo(client)).contains("hello");

            rewrite("{file: partner.crt, for: ['spiffe://elsewhere.example/**']}");
            await(() -> isRefused(client));
        }
    }

    @Test
    void aBindingThatIsAddedAdmitsNewPeersAndAMistakeChangesNothing() throws IOException {
        try (RunningServers running = RunningServers.start(write(PARTNERS), Keys.ECHO)) {
            URI echo = running.member("echo").uri();
            ChainVerifier verifier = running.member("echo").profile().verifier();
            assertThatThrownBy(() -> callOnce(echo, "spiffe://second.example/agent/a"));

            rewrite(PARTNERS + ", {file: partner.crt, for: ['spiffe://second.example/**']}");
            await(() -> bindings(verifier).contains("for spiffe://second.example/**"));
            callOnce(echo, "spiffe://second.example/agent/a");

            rewrite(PARTNERS + ", {file: partner.crt, for: ['spiffe://*/**']}");
            await(() -> Files.exists(store.resolve("audit.jsonl")) && recorded("trust-reload-failed"));
            assertThat(bindings(verifier)).contains("for spiffe://second.example/**");
            assertThatThrownBy(() -> callOnce(echo, "spiffe://demo.local/agent/coordinator"));

            rewrite(PARTNERS);
            await(() -> !bindings(verifier).contains("for spiffe://second.example/**"));
            assertThatThrownBy(() -> callOnce(echo, "spiffe://second.example/agent/a"));
        }
    }

    private boolean recorded(String action) {
        try {
            return Files.readString(store.resolve("audit.jsonl")).contains(action);
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> bindings(ChainVerifier verifier) {
        return verifier.policy().anchors().sets().stream()
                .map(AnchorSet::binding)
                .toList();
    }

    private Settings write(String more) throws IOException {
        return Settings.load(rewrite(more));
    }

    private Path rewrite(String more) throws IOException {
        Path file = store.resolve("mcp-mtls.yaml");
        Files.writeString(
                file,
                "dir: '%s'\nservers: {echo: {listen: '127.0.0.1:0'}}\naudit: {sync: always}\ntls: {trust-anchors: [credentials/<name>/ca.crt, %s]}\n"
                        .formatted(store, more));
        return file;
    }

    private static boolean isRefused(McpSyncClient client) {
        try {
            echo(client);
            return false;
        } catch (RuntimeException refused) {
            return true;
        }
    }

    private static void callOnce(URI server, String id) {
        try (McpSyncClient client = partner(server, id)) {
            client.initialize();
            assertThat(echo(client)).contains("hello");
        }
    }

    private static String echo(McpSyncClient client) {
        return client.callTool(CallToolRequest.builder("echo")
                        .arguments(Map.of("text", "hello"))
                        .build())
                .content()
                .toString();
    }

    /** A client of the partner's, which trusts our authority for our names. */
    private static McpSyncClient partner(URI server, String id) {
        var issued = PARTNER.client("agent", spec -> spec.withoutNames().uri(id));
        TrustAnchors ours = new TrustAnchors(List.of(CA.certificate()))
                .boundTo("spiffe://demo.local/**", "dns:localhost", "ip:127.0.0.1");
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(ours), InstantSource.system());
        TlsProfile tls = TlsProfile.builder(
                        CredentialSource.fixed(Credential.of(
                                "agent", issued.privateKey(), new dev.mcpmtls.identity.Chain(issued.chain()))),
                        verifier)
                .audit(AuditSink.none())
                .build();
        return McpClient.sync(MtlsClientTransport.builder(server).tls(tls).build())
                .build();
    }

    /** Bounded by what users are promised. */
    private static void await(BooleanSupplier condition) {
        Instant end = Instant.now().plus(Duration.ofSeconds(5));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("within five seconds").isBefore(end);
            Thread.onSpinWait();
        }
    }
}
