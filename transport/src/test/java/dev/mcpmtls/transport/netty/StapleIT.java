// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent.TrustReloadFailed;
import dev.mcpmtls.audit.AuditEvent.TrustReloaded;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.MovableClock;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.testkit.ThrowawayOcsp;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.UnusableEngineException;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The OCSP response that {@code openssl s_client -status} receives. */
class StapleIT {

    private static final String STAPLED = "OCSP Response Status: successful";
    private static final String SERVED = "CN=coordinator over";

    @TempDir
    private Path directory;

    private final Instant now = Instant.now();
    private final MovableClock clock = new MovableClock(now);
    private final ThrowawayCa ca = ThrowawayCa.root("Test Root", now.minus(Duration.ofHours(1)));
    private final Issued weather = ca.server("weather");
    private final ReplaceableCredential credential = new ReplaceableCredential(credential("weather", weather));
    private final TestServer.Events events = new TestServer.Events();
    private final FileWatch watch = new FileWatch(events, clock);
    private Path file;

    @BeforeEach
    void writeTheClientsCredential() throws Exception {
        file = directory.resolve("ocsp.der");
        Pki.write(directory, credential("coordinator", ca.client("coordinator")));
    }

    @AfterEach
    void stopWatching() {
        watch.close();
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void staplesAGoodResponse(TlsVersion version) throws Exception {
        good().writeTo(file);
        try (TestServer server = server()) {
            assertThat(ask(server, version, "-status")).contains(SERVED, STAPLED, "Cert Status: good");
            events.await(TrustReloaded.class, reloaded -> reloaded.what().contains(file.toString()));
        }
    }

    @ParameterizedTest
    @EnumSource(TlsVersion.class)
    void staplesNothingToAClientThatDoesNotAsk(TlsVersion version) throws Exception {
        good().writeTo(file);
        try (TestServer server = server()) {
            assertThat(ask(server, version, "-msg")).contains(SERVED).doesNotContain("CertificateStatus");
            assertThat(ask(server, version)).contains(SERVED).doesNotContain("OCSP");
        }
    }

    @Test
    void staplesWhatOpensslsResponderSays() throws Exception {
        Pki.write(directory, credential("ca", ca.self()));
        Pki.write(directory, credential.current());
        String serialNumber = weather.leaf().getSerialNumber().toString(16).toUpperCase(Locale.ROOT);
        String padded = serialNumber.length() % 2 == 0 ? serialNumber : "0" + serialNumber;
        Files.writeString(directory.resolve("index.txt"), "V\t401231235959Z\t\t" + padded + "\tunknown\t/CN=weather\n");
        openssl("-issuer ca.crt -cert weather.crt -reqout request.der");
        openssl(
                "-index index.txt -CA ca.crt -rsigner ca.crt -rkey ca.key -ndays 1 -reqin request.der -respout ocsp.der");
        clock.set(Instant.now().plusSeconds(1));
        try (TestServer server = server()) {
            assertThat(ask(server, TlsVersion.TLS_1_3, "-status")).contains(SERVED, STAPLED, "Cert Status: good");
        }
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                bad("revoked", response -> response.revoked(Instant.now().minusSeconds(60))),
                bad("unknown", ThrowawayOcsp::unknown),
                bad(
                        "not now",
                        response -> response.current(
                                Instant.now().minusSeconds(60),
                                Optional.of(Instant.now().minusSeconds(1)))),
                bad(
                        "not a valid response",
                        response ->
                                response.signedBy(ThrowawayCa.root("Test Root").self())));
    }

    private static Arguments bad(String why, UnaryOperator<ThrowawayOcsp> change) {
        return Arguments.of(why, change);
    }

    @ParameterizedTest
    @MethodSource("bad")
    void staplesNoBadResponse(String why, UnaryOperator<ThrowawayOcsp> change) throws Exception {
        change.apply(good()).writeTo(file);
        servesWithout(why);
    }

    @Test
    void staplesNoResponseAboutAnotherCertificate() throws Exception {
        ca.ocsp(ca.server("other").leaf())
                .current(now, Optional.of(now.plusSeconds(60)))
                .writeTo(file);
        servesWithout("is about the certificate with serial number");
    }

    @Test
    void staplesNoGarbage() throws Exception {
        Files.writeString(file, "garbage");
        servesWithout("no usable OCSP response");
    }

    @Test
    void servesWithoutTheFile() throws Exception {
        servesWithout("does not exist");
    }

    @Test
    void followsTheFile() throws Exception {
        try (TestServer server = server()) {
            events.await(TrustReloadFailed.class);
            good().writeTo(file);
            events.await(TrustReloaded.class);
            assertThat(status(server)).contains(STAPLED);

            good().revoked(now.minusSeconds(60)).writeTo(file);
            events.await(TrustReloadFailed.class, failed -> failed.why().contains("revoked"));
            assertThat(status(server)).contains(SERVED).doesNotContain(STAPLED);
        }
    }

    @Test
    void staplesNothingThatHasEnded() throws Exception {
        good().writeTo(file);
        try (TestServer server = server()) {
            assertThat(status(server)).contains(STAPLED);
            clock.move(Duration.ofMinutes(10));
            assertThat(status(server)).contains(SERVED).doesNotContain(STAPLED);
            events.await(TrustReloadFailed.class, failed -> failed.why().contains("not now"));
        }
    }

    @Test
    void staplesNothingAboutTheCredentialBefore() throws Exception {
        good().writeTo(file);
        try (TestServer server = server()) {
            Issued renewed = ca.server("weather");
            credential.replace(credential("weather", renewed));
            assertThat(status(server)).contains(SERVED).doesNotContain(STAPLED);
            events.await(TrustReloadFailed.class, failed -> failed.why().contains("serial number"));

            about(renewed).writeTo(file);
            events.await(TrustReloaded.class);
            assertThat(status(server)).contains(STAPLED);
        }
    }

    @Test
    void theJdksEngineSaysThatItCannot() {
        TlsProfile.Builder profile = profile();
        assertThatThrownBy(profile.engine(TlsEngine.JDK)::build)
                .isInstanceOf(UnusableEngineException.class)
                .hasMessageContaining("cannot staple");
    }

    private void servesWithout(String why) throws Exception {
        try (TestServer server = server()) {
            for (TlsVersion version : TlsVersion.values()) {
                assertThat(ask(server, version, "-status")).contains(SERVED).doesNotContain(STAPLED);
            }
            TrustReloadFailed failed = events.await(TrustReloadFailed.class);
            assertThat(failed.what()).contains(file.toString(), "for weather");
            assertThat(failed.why()).contains(file.toString(), why);
        }
    }

    private TestServer server() {
        return new TestServer(profile().build());
    }

    private TlsProfile.Builder profile() {
        ChainVerifier verifier =
                new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), clock);
        return TlsProfile.builder(credential, verifier)
                .ocspStaple(watch.ocspResponse(file, credential, verifier))
                .minVersion(TlsVersion.TLS_1_2)
                .audit(events)
                .clock(clock);
    }

    private ThrowawayOcsp good() {
        return about(weather);
    }

    private ThrowawayOcsp about(Issued issued) {
        return ca.ocsp(issued.leaf()).current(now.minusSeconds(60), Optional.of(now.plusSeconds(60)));
    }

    private String status(TestServer server) throws Exception {
        return ask(server, TlsVersion.TLS_1_3, "-status");
    }

    private String ask(TestServer server, TlsVersion version, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(version == TlsVersion.TLS_1_3 ? "-tls1_3" : "-tls1_2"));
        all.addAll(List.of("-cert", "coordinator.crt", "-key", "coordinator.key"));
        all.addAll(List.of(options));
        return Shell.sClient(directory, server.port(), all.toArray(new String[0]));
    }

    private void openssl(String options) throws Exception {
        Shell.run(directory, "", List.of(("openssl ocsp " + options).split(" ")));
    }

    private static Credential credential(String name, Issued issued) {
        return Credential.of(name, issued.privateKey(), new Chain(issued.chain()));
    }
}
