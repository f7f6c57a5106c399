// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program on the library alone, whose certificate is due: it was issued 17 of its 24 hours ago. */
class RenewingClientIT {

    @TempDir
    private Path directory;

    private final BlockingQueue<BigInteger> presented = new LinkedBlockingQueue<>();
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private Path own;
    private MtlsServerTransport transport;
    private McpSyncServer server;

    @BeforeEach
    void serve() {
        InstantSource clock = InstantSource.offset(InstantSource.system(), Duration.ofHours(-17));
        Store store = Store.at(directory.resolve("store"));
        Initialisation.run(
                store,
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                List.of(Grant.server("demo.local", "echo"), Grant.agent("demo.local", "coordinator")),
                Optional.empty(),
                new Surroundings(clock, new SecureRandom(), AuditSink.none()));
        own = store.credential("coordinator");
        transport = MtlsServerTransport.builder()
                .tls(recording(store.credential("echo")))
                .build();
        server = McpServer.sync(transport)
                .serverInfo("slow", "1")
                .immediateExecution(true)
                .toolCall(
                        McpSchema.Tool.builder("slow", Map.of("type", "object")).build(),
                        (exchange, request) -> answerWhenToldTo())
                .build();
        transport.start();
    }

    @AfterEach
    void stop() {
        answer.countDown();
        server.close();
        transport.close();
    }

    @Test
    void presentsTheRenewedCertificateAndLosesNoCallInWork() throws Exception {
        TlsProfile tls = TlsProfile.strict(own);
        BigInteger before = serial();
        try (McpSyncClient client = client(tls)) {
            client.initialize();
            assertThat(next()).isEqualTo(before);
            CompletableFuture<CallToolResult> slow = CompletableFuture.supplyAsync(() -> call(client));
            assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
            CountDownLatch renewed = new CountDownLatch(1);
            tls.credentials().onChange(renewed::countDown); // after the client's own, which retires its connections

            try (RenewalRunner renewals = RenewalRunner.start(own).orElseThrow()) {
                assertThat(renewed.await(10, TimeUnit.SECONDS)).isTrue();
                presented.clear();
                client.ping();
                assertThat(next()).isNotEqualTo(before).isEqualTo(serial());
                assertThat(renewals).isNotNull();
            }

            answer.countDown();
            assertThat(slow.get(10, TimeUnit.SECONDS).isError()).isNotEqualTo(true);
        }
    }

    @Test
    void keepsItsCertificateWhereTheAuthorityIsElsewhere() throws Exception {
        Files.move(directory.resolve("store/authority"), directory.resolve("elsewhere"));
        BigInteger before = serial();

        assertThat(RenewalRunner.start(own)).isEmpty();

        try (McpSyncClient client = client(TlsProfile.strict(own))) {
            client.initialize();
            assertThat(next()).isEqualTo(before).isEqualTo(serial());
        }
    }

    private CallToolResult answerWhenToldTo() {
        called.countDown();
        try {
            assertThat(answer.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return CallToolResult.builder().addTextContent("at last").build();
    }

    private McpSyncClient client(TlsProfile tls) {
        return McpClient.sync(
                        MtlsClientTransport.builder(transport.uri()).tls(tls).build())
                .build();
    }

    private static CallToolResult call(McpSyncClient client) {
        return client.callTool(
                CallToolRequest.builder("slow").arguments(Map.of()).build());
    }

    private BigInteger serial() {
        return Credential.load(own).chain().leaf().getSerialNumber();
    }

    private BigInteger next() throws InterruptedException {
        BigInteger serial = presented.poll(10, TimeUnit.SECONDS);
        assertThat(serial).as("the certificate of another connection").isNotNull();
        return serial;
    }

    private TlsProfile recording(Path credential) {
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(TrustAnchors.load(credential.resolve(TrustAnchors.FILE))), InstantSource.system());
        return TlsProfile.builder(CredentialSource.fixed(Credential.load(credential)), verifier)
                .audit(event -> {
                    if (event instanceof TlsAccepted accepted) {
                        presented.add(accepted.peer().chain().leaf().getSerialNumber());
                    }
                    return CompletableFuture.completedFuture(null);
                })
                .build();
    }
}
