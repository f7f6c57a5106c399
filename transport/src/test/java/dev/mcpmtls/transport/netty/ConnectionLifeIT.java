// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.CredentialReloadFailed;
import dev.mcpmtls.audit.AuditEvent.PeerLapsed;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The life of a verdict after the handshake: resumption, expiry, a changed policy, a changed credential. */
class ConnectionLifeIT {

    private final Pki pki = new Pki("Test Root");
    private final TestServer.Events events = new TestServer.Events();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final InstantSource clock = now::get;
    private final ReplaceableCredential credential = new ReplaceableCredential(pki.issue("weather"));
    private final ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(pki.anchors()), clock);

    @TempDir
    Path directory;

    static Stream<Arguments> enginesAndVersions() {
        return ServerHandshakeIT.enginesAndVersions();
    }

    @BeforeEach
    void writeClient() throws Exception {
        Pki.write(directory, pki.issue("coordinator"));
    }

    /** Without the JDK's TLS 1.2, which OpenSSL does not resume. */
    static Stream<Arguments> resuming() {
        return ServerHandshakeIT.enginesAndVersions().limit(3);
    }

    @ParameterizedTest
    @MethodSource("resuming")
    void resumesASessionOfAPeerThatStillStands(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = new TestServer(profile(engine, version).build())) {
            assertThat(first(server, version)).contains("CN=coordinator over");
            events.await(TlsAccepted.class);
            assertThat(resumed(server, version)).contains("Reused,").contains("CN=coordinator over");
            TlsAccepted again = events.await(TlsAccepted.class);
            assertThat(again.connection().tls().orElseThrow().resumed()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesAResumedSessionOfAPeerThatHasExpired(TlsEngine engine, TlsVersion version) throws Exception {
        try (TestServer server = new TestServer(profile(engine, version).build())) {
            assertThat(first(server, version)).contains("CN=coordinator over");
            now.set(now.get().plus(Duration.ofHours(2)));
            assertThat(resumed(server, version)).doesNotContain("CN=coordinator over");
            assertThat(server.connections).hasSize(1);
            assertThat(events.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.EXPIRED);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void refusesATicketOfAnEarlierPolicy(TlsEngine engine, TlsVersion version) throws Exception {
        Pki.write(directory, new Pki("Elsewhere").issue("coordinator"));
        verifier.replacePolicy(TrustPolicy.relaxed(pki.anchors(), Relaxation.UNTRUSTED_ISSUER));
        try (TestServer server = new TestServer(profile(engine, version).build())) {
            assertThat(first(server, version)).contains("CN=coordinator over");
            verifier.replacePolicy(TrustPolicy.strict(pki.anchors()));
            String said = resumed(server, version);
            assertThat(said).doesNotContain("CN=coordinator over").doesNotContain("Reused,");
            assertThat(said).contains(engine == TlsEngine.BORINGSSL ? "alert number 48" : "alert number 46");
            assertThat(events.await(TlsRejected.class).findings().get(0).reason())
                    .isEqualTo(Reason.UNTRUSTED_ISSUER);
        }
    }

    @ParameterizedTest
    @MethodSource("enginesAndVersions")
    void resumesNothingWhenToldSo(TlsEngine engine, TlsVersion version) throws Exception {
        TlsProfile profile = profile(engine, version).withoutSessionResumption().build();
        try (TestServer server = new TestServer(profile)) {
            first(server, version);
            assertThat(resumed(server, version)).doesNotContain("Reused,").contains("CN=coordinator over");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void closesAnIdleConnectionWithinFiveSecondsOfExpiry(TlsEngine engine) throws Exception {
        try (TestServer server =
                        new TestServer(profile(engine, TlsVersion.TLS_1_3).build());
                Kept kept = new Kept(server)) {
            assertThat(kept.ask()).contains("CN=coordinator over");
            now.set(now.get().plus(Duration.ofHours(2)));
            PeerLapsed lapsed = events.await(PeerLapsed.class);
            assertThat(lapsed.rejection().reason()).isEqualTo(Reason.EXPIRED);
            assertThat(kept.ended(5)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void presentsAReplacedCredentialToNewConnectionsAndKeepsOpenOnes(TlsEngine engine) throws Exception {
        try (TestServer server =
                        new TestServer(profile(engine, TlsVersion.TLS_1_3).build());
                Kept kept = new Kept(server)) {
            assertThat(kept.ask()).contains("CN=coordinator over");
            assertThat(first(server, TlsVersion.TLS_1_3)).contains("subject=CN = weather");
            credential.replace(pki.issue("renewed"));
            assertThat(first(server, TlsVersion.TLS_1_3)).contains("subject=CN = renewed");
            assertThat(kept.ask()).contains("CN=coordinator over");
        }
    }

    /** An engine answers while it reads, and the answer leaves before the next response (RFC 8446, section 4.6.3). */
    @ParameterizedTest
    @EnumSource(names = {"BORINGSSL", "JDK"})
    void answersEachUpdateOfKeys(TlsEngine engine) throws Exception {
        try (TestServer server =
                        new TestServer(profile(engine, TlsVersion.TLS_1_3).build());
                Kept kept = new Kept(server, "-msg")) {
            assertThat(kept.ask()).contains("CN=coordinator over");
            for (int i = 0; i < 3; i++) {
                kept.say("K\n");
                assertThat(kept.readTo("KeyUpdate")).contains(">>>");
                kept.say(Kept.QUESTION);
                assertThat(kept.readTo("KeyUpdate")).contains("<<<");
                assertThat(kept.readTo(" over ")).contains("CN=coordinator over");
            }
        }
    }

    @Test
    void keepsTheLastGoodCredentialWhenTheEngineRefusesTheNext() throws Exception {
        try (TestServer server =
                new TestServer(profile(TlsEngine.BORINGSSL, TlsVersion.TLS_1_3).build())) {
            Credential unusable = pki.issue("unusable", Keys.ed25519());
            credential.replace(unusable);
            assertThat(first(server, TlsVersion.TLS_1_3)).contains("subject=CN = weather");
            assertThat(events.await(CredentialReloadFailed.class).credential()).isEqualTo("unusable");
        }
    }

    private TlsProfile.Builder profile(TlsEngine engine, TlsVersion version) {
        return TlsProfile.builder(credential, verifier)
                .engine(engine)
                .minVersion(version)
                .audit(events)
                .clock(clock);
    }

    private String first(TestServer server, TlsVersion version) throws Exception {
        return sClient(server, version, "-sess_out", "session.pem");
    }

    private String resumed(TestServer server, TlsVersion version) throws Exception {
        return sClient(server, version, "-sess_in", "session.pem");
    }

    private String sClient(TestServer server, TlsVersion version, String direction, String file) throws Exception {
        return Shell.sClient(
                directory,
                server.port(),
                version == TlsVersion.TLS_1_3 ? "-tls1_3" : "-tls1_2",
                "-cert",
                "coordinator.crt",
                "-key",
                "coordinator.key",
                direction,
                file);
    }

    /** A connection by openssl that stays open. */
    private final class Kept implements AutoCloseable {

        private static final String QUESTION = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

        private final Process process;
        private final BufferedReader out;

        Kept(TestServer server) throws Exception {
            this(server, "-quiet");
        }

        Kept(TestServer server, String mode) throws Exception {
            process = new ProcessBuilder(
                            "openssl",
                            "s_client",
                            mode,
                            "-connect",
                            "127.0.0.1:" + server.port(),
                            "-cert",
                            "coordinator.crt",
                            "-key",
                            "coordinator.key")
                    .directory(directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        String ask() throws Exception {
            say(QUESTION);
            return readTo(" over ");
        }

        void say(String text) throws Exception {
            process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        }

        String readTo(String text) throws Exception {
            String line = out.readLine();
            while (line != null && !line.contains(text)) {
                line = out.readLine();
            }
            return String.valueOf(line);
        }

        boolean ended(int seconds) throws Exception {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
