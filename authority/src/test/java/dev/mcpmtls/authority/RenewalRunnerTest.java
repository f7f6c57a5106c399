// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.CertificateRenewed;
import dev.mcpmtls.audit.AuditEvent.RenewalFailed;
import dev.mcpmtls.identity.Credential;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenewalRunnerTest {

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    private Store store;
    private Authority authority;
    private RenewalRunner runner;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        authority = fixed.open(store);
        runner = RenewalRunner.of(store, authority, List.of("weather"), fixed.surroundings);
        fixed.events.clear();
    }

    @AfterEach
    void close() {
        runner.close();
        authority.close();
    }

    @Test
    void renewsAtTwoThirdsOfTheLife() {
        BigInteger first = serialNumber("weather");
        fixed.pass(Duration.ofHours(17));
        runner.look();
        assertThat(serialNumber("weather")).isNotEqualTo(first);
        assertThat(fixed.events).hasExactlyElementsOfTypes(CertificateRenewed.class);
    }

    @Test
    void leavesAYoungCertificateAndOtherCredentialsAlone() {
        BigInteger echo = serialNumber("echo");
        fixed.pass(Duration.ofHours(14));
        runner.look();
        assertThat(fixed.events).isEmpty();
        fixed.pass(Duration.ofHours(4));
        runner.look();
        assertThat(serialNumber("echo")).isEqualTo(echo);
    }

    @Test
    void renewsOnceWhileTheClockJumpsWithinTheLife() {
        fixed.pass(Duration.ofHours(17));
        runner.look();
        fixed.pass(Duration.ofHours(14));
        runner.look();
        fixed.pass(Duration.ofHours(-13));
        runner.look();
        assertThat(fixed.events).hasSize(1);
    }

    @Test
    void renewsAgainWhenTheClockWasAYearAheadAndIsSetRight() throws Exception {
        fixed.pass(Duration.ofDays(365));
        runner.look();
        fixed.pass(Duration.ofDays(-365));
        runner.look();
        runner.look();

        assertThat(fixed.events).hasExactlyElementsOfTypes(CertificateRenewed.class, CertificateRenewed.class);
        assertThat(certificateEnd()).isBefore(fixed.now.plus(Duration.ofDays(2)));
        assertThat(listBegins()).isBeforeOrEqualTo(fixed.now);
    }

    @Test
    void triesAgainSoonWhenTheClockWasAYearAheadAtTheFailure() throws IOException {
        Path key = store.issuers().path().resolve("current/ca.key");
        Path away = directory.resolve("ca.key");
        Files.move(key, away);
        fixed.pass(Duration.ofDays(365));
        runner.look();
        Files.move(away, key);
        fixed.pass(Duration.ofDays(-365).plusHours(17));
        runner.look();
        assertThat(fixed.events).hasExactlyElementsOfTypes(RenewalFailed.class, CertificateRenewed.class);
    }

    @Test
    void failsAndRecoversWhenTheClockIsSetToBeforeTheAuthorityBegan() {
        fixed.pass(Duration.ofDays(-365));
        runner.look();
        fixed.pass(Duration.ofDays(365));
        runner.look();
        assertThat(fixed.events)
                .first()
                .isInstanceOfSatisfying(
                        RenewalFailed.class, failed -> assertThat(failed.why()).contains("set the clock"));
        assertThat(certificateEnd()).isAfter(fixed.now);
    }

    @Test
    void renewsAfterTheMachineSleptPastTheEnd() {
        fixed.pass(Duration.ofDays(90));
        runner.look();
        assertThat(certificateEnd()).isAfter(fixed.now);
    }

    @Test
    void leavesToSomebodyElseWhatTheyHaveRenewed() {
        runner.look();
        fixed.pass(Duration.ofHours(15));
        authority.renew("weather");
        fixed.events.clear();
        fixed.pass(Duration.ofHours(2));
        runner.look();
        assertThat(fixed.events).isEmpty();
    }

    @Test
    void saysThatARenewalFailedAndTriesAgainLater() throws IOException {
        Path key = store.issuers().path().resolve("current/ca.key");
        Path away = directory.resolve("ca.key");
        Files.move(key, away);
        fixed.pass(Duration.ofHours(17));
        runner.look();
        runner.look();
        assertThat(fixed.events)
                .singleElement()
                .isInstanceOfSatisfying(
                        RenewalFailed.class, failed -> assertThat(failed.why()).contains("ca.key"));

        Files.move(away, key);
        fixed.pass(Duration.ofSeconds(11));
        runner.look();
        assertThat(fixed.events).hasExactlyElementsOfTypes(RenewalFailed.class, CertificateRenewed.class);
    }

    @Test
    void complainsAboutACredentialThatIsNotThere() {
        RenewalRunner lost = RenewalRunner.of(store, authority, List.of("nobody"), fixed.surroundings);
        lost.look();
        lost.look();
        assertThat(fixed.events).hasExactlyElementsOfTypes(RenewalFailed.class);
    }

    @Test
    void doesNotRenewWhatWasRevoked() {
        authority.revoke("weather", RevocationReason.SUPERSEDED);
        BigInteger revoked = serialNumber("weather");
        fixed.pass(Duration.ofHours(17));
        runner.look();
        assertThat(serialNumber("weather")).isEqualTo(revoked);
        assertThat(fixed.events).last().isInstanceOf(RenewalFailed.class);
    }

    private BigInteger serialNumber(String name) {
        return Credential.load(store.credential(name)).chain().leaf().getSerialNumber();
    }

    private Instant listBegins() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(store.revocationList())) {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
            return list.getThisUpdate().toInstant();
        }
    }

    private Instant certificateEnd() {
        return end(store, "weather");
    }

    private static Instant end(Store store, String name) {
        return Credential.load(store.credential(name))
                .chain()
                .leaf()
                .getNotAfter()
                .toInstant();
    }

    @Test
    void leavesCredentialsFromElsewhereToThoseWhoRenewThem() throws Exception {
        Store other = Store.at(store.directory().resolveSibling("other"));
        fixed.initialise(other);
        Files.delete(store.credential("weather"));
        Files.createSymbolicLink(
                store.credential("weather"), other.credential("weather").toRealPath());
        fixed.events.clear();
        fixed.pass(Duration.ofHours(17));

        RenewalRunner.of(store, authority, List.of("weather"), fixed.surroundings)
                .look();

        assertThat(fixed.events).isEmpty();
    }

    @Test
    void needsOnlyAPathWhereTheAuthorityIsAtHand() throws Exception {
        fixed.now = Instant.now().minus(Duration.ofHours(30));
        Store yesterdays = Store.at(directory.resolve("yesterdays"));
        fixed.initialise(yesterdays);

        RenewalRunner.start(yesterdays.credential("weather")).orElseThrow().close();

        assertThat(end(yesterdays, "weather")).isAfter(Instant.now());
        assertThat(end(yesterdays, "echo")).isBefore(Instant.now());
    }

    @Test
    void leavesACredentialWithoutAnAuthorityAlone() throws Exception {
        Path credential = Files.createDirectories(directory.resolve("mounted/credentials/weather"));

        assertThat(RenewalRunner.start(credential)).isEmpty();
        assertThat(RenewalRunner.start(directory.resolve("weather"))).isEmpty();
        assertThat(directory.resolve("mounted")).isDirectoryNotContaining("glob:**/authority");
    }
}
