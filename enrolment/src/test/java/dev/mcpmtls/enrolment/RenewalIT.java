// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.authority.NetworkRenewal;
import dev.mcpmtls.authority.RenewalDefaults;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.authority.RenewalSchedule;
import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.RevocationReason;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.trust.TrustAnchors;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine that joined renews over the network, by a clock that the test sets. */
@Timeout(60)
class RenewalIT {

    private static final String NAME = "laptop-7";

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    private RunningAuthority authority;
    private Store store;

    @BeforeEach
    void join() {
        authority = new RunningAuthority(here);
        store = Store.at(there);
        authority.join(there, authority.invite(RunningAuthority.laptop()));
    }

    @AfterEach
    void stop() {
        authority.close();
    }

    @Test
    void renewsWhenItIsDueAndNotBefore() {
        X509Certificate first = leaf();
        look();
        assertThat(leaf()).isEqualTo(first);

        authority.clock.advance(Duration.ofHours(11));
        look();
        assertThat(leaf().getNotAfter()).isAfter(first.getNotAfter());
        assertThat(leaf().getPublicKey()).isEqualTo(first.getPublicKey());
        assertThat(leaf().getSubjectX500Principal()).isEqualTo(first.getSubjectX500Principal());
        assertThat(store.renewalSource(NAME).orElseThrow().est()).isEqualTo(authority.uri());
    }

    @Test
    void rekeysByOption() {
        X509Certificate first = leaf();
        authority.clock.advance(Duration.ofHours(11));
        look(new RenewalDefaults(Optional.empty(), true));
        assertThat(leaf().getPublicKey()).isNotEqualTo(first.getPublicKey());
        assertThat(Credential.load(store.credential(NAME)).chain().leaf()).isEqualTo(leaf());
    }

    /** From the latest moment before the first attempt, for half a lifetime: the certificate never expires. */
    @Test
    void anAuthorityThatIsDownForHalfALifetimeCausesNoOutage() {
        Instant end = leaf().getNotAfter().toInstant();
        authority.clock.advance(Duration.ofHours(9).plusMinutes(30)); // due from 40 % on
        authority.stop();
        for (Instant back = authority.clock.instant().plus(Duration.ofHours(12));
                authority.clock.instant().isBefore(back);
                authority.clock.advance(Duration.ofHours(1))) {
            look();
            assertThat(leaf().getNotAfter().toInstant()).isEqualTo(end);
        }
        authority.startAgain();
        look();
        assertThat(authority.clock.instant()).isBefore(end);
        assertThat(leaf().getNotAfter().toInstant()).isAfter(end);
    }

    @Test
    void theScheduleLeavesMoreThanHalfALifetime() {
        for (int attempt = 0; attempt < 100; attempt++) {
            RenewalSchedule schedule =
                    RenewalSchedule.overTheNetwork(leaf(), authority.clock, authority.surroundings.random());
            Duration left =
                    Duration.between(schedule.dueAt(), leaf().getNotAfter().toInstant());
            assertThat(left).isGreaterThan(Duration.ofHours(13)).isLessThan(Duration.ofHours(15));
        }
    }

    @Test
    void renewsWithinTheGraceAndNotAfterIt() {
        authority.clock.advance(
                Duration.ofHours(24).plus(RunningAuthority.GRACE).minusSeconds(1));
        look();
        X509Certificate renewed = leaf();
        assertThat(renewed.getNotAfter().toInstant()).isAfter(authority.clock.instant());

        authority.clock.advance(
                Duration.ofHours(24).plus(RunningAuthority.GRACE).plusSeconds(1));
        look();
        assertThat(leaf()).isEqualTo(renewed);
        assertThat(authority.refusals()).containsExactly("CERTIFICATE_EXPIRED");
        assertThat(failure()).contains("could be renewed until").contains("new invitation");
    }

    @Test
    void aRevokedNameIsToldSo() {
        authority.authority.revoke(NAME, RevocationReason.KEY_COMPROMISE);
        authority.clock.advance(Duration.ofHours(11));
        look();
        assertThat(authority.refusals()).containsExactly("CERTIFICATE_REVOKED");
        assertThat(failure()).contains("'laptop-7' was revoked at").contains("ask the authority's operator");
    }

    /** It was off when it was lost: its certificate had expired before the revocation. */
    @Test
    void aNameThatIsRevokedAfterItsCertificateExpiredIsRefused() {
        authority.clock.advance(Duration.ofDays(3));
        assertThat(authority.authority.revoke(NAME, RevocationReason.UNSPECIFIED))
                .hasSize(1);
        look();
        assertThat(authority.refusals()).containsExactly("CERTIFICATE_REVOKED");
    }

    /** A copy of the first certificate, whose successor was revoked. */
    @Test
    void anOlderCertificateOfARevokedNameIsRefused(@TempDir Path copies) throws Exception {
        Store copy = copy(copies.resolve("credentials/.versions/laptop-7/1"), copies);
        Files.createSymbolicLink(copy.credential(NAME), Path.of(".versions", NAME, "1"));
        authority.clock.advance(Duration.ofHours(23));
        look();
        authority.clock.advance(Duration.ofHours(2));
        assertThat(authority.authority.revoke(NAME, RevocationReason.UNSPECIFIED))
                .hasSize(1);

        assertThatThrownBy(() -> renew(copy)).hasMessageContaining("was revoked");
        assertThat(authority.refusals()).containsExactly("NAME_REVOKED");
    }

    @Test
    void noSuccessorIsIssuedThatTheStoreCouldNotHold(@TempDir Path copies) throws Exception {
        Store copy = copy(copies.resolve("credentials/laptop-7"), copies);
        int issued = authority.authority.issued().size();

        assertThatThrownBy(() -> renew(copy)).hasMessageContaining("was not created here and stays as it is");

        assertThat(authority.authority.issued()).hasSize(issued);
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused(@TempDir Path strangers, @TempDir Path strange) {
        try (RunningAuthority other = new RunningAuthority(strangers)) {
            other.join(strange, other.invite(RunningAuthority.laptop()));
            Store stranger = Store.at(strange);
            TrustAnchors anchors = TrustAnchors.load(store.credential(NAME).resolve("ca.crt"));
            Credential own = Credential.load(stranger.credential(NAME));
            stranger.install(
                    NAME,
                    new Issuance(own.chain(), anchors),
                    RequestedKey.of(own.privateKey(), own.chain().leaf().getPublicKey())
                            .pem(),
                    RenewalSource.of(authority.uri()));

            assertThatThrownBy(() -> renew(stranger)).isInstanceOf(EnrolmentException.Refused.class);
            assertThat(authority.refusals()).containsExactly("CERTIFICATE_UNKNOWN");
        }
    }

    @Test
    void nothingIsRenewedAtAServerOfAnotherAuthority(@TempDir Path strangers) {
        try (RunningAuthority other = new RunningAuthority(strangers)) {
            RenewalSource astray = RenewalSource.of(other.uri());
            assertThatThrownBy(() -> renewal().renew(store, NAME, astray, leaf(), authority.surroundings))
                    .isInstanceOf(EnrolmentException.NotTheAuthority.class);
            assertThat(other.events).noneMatch(AuditEvent.EnrolmentRefused.class::isInstance);
        }
    }

    @Test
    void followsAChangeOfAuthority() {
        AuthorityProfile profile = AuthorityProfile.standard("demo.local");
        X509Certificate old = anchors().get(0);
        authority.authority.rollover().prepare(profile);
        renew(store);
        assertThat(anchors()).hasSize(2).contains(old);

        authority.authority.rollover().switchOver();
        authority.authority.renew("authority");
        authority.stop();
        authority.startAgain(); // presents a certificate of the new authority
        renew(store);
        assertThat(anchors()).hasSize(2);
        authority.authority.rollover().finish();
        renew(store);
        assertThat(anchors()).hasSize(1).doesNotContain(old);
    }

    @Test
    void fetchesTheCrl() throws Exception {
        authority.join(there.resolve("other"), authority.invite(Grant.agent("demo.local", "other")));
        authority.authority.revoke("other", RevocationReason.UNSPECIFIED);
        assertThat(revoked()).isZero();

        renewal().refreshRevocationLists(store, NAME, store.renewalSource(NAME).orElseThrow(), authority.surroundings);
        assertThat(revoked()).isEqualTo(1);
    }

    @Test
    void renewsAtAnyEstServerThatTheSettingsName() {
        Store plain = Store.at(there.resolve("plain"));
        Credential own = Credential.load(store.credential(NAME));
        plain.install(
                NAME,
                new Issuance(own.chain(), new TrustAnchors(anchors())),
                RequestedKey.of(own.privateKey(), own.chain().leaf().getPublicKey())
                        .pem(),
                RenewalSource.of(URI.create("https://localhost:1")));
        plain.credential(NAME).resolve("renewal").toFile().delete();
        authority.clock.advance(Duration.ofHours(11));
        RenewalRunner.start(
                        plain,
                        Optional.empty(),
                        new RenewalDefaults(Optional.of(authority.uri()), false),
                        List.of(NAME),
                        authority.surroundings)
                .orElseThrow()
                .close();
        assertThat(Credential.load(plain.credential(NAME)).chain().leaf().getNotAfter())
                .isAfter(own.chain().leaf().getNotAfter());
    }

    private void look() {
        look(RenewalDefaults.none());
    }

    private void look(RenewalDefaults defaults) {
        RenewalRunner.start(store, Optional.empty(), defaults, List.of(NAME), authority.surroundings)
                .orElseThrow()
                .close();
    }

    private static NetworkRenewal renewal() {
        return NetworkRenewal.find().orElseThrow();
    }

    private void renew(Store of) {
        X509Certificate leaf = Credential.load(of.credential(NAME)).chain().leaf();
        Surroundings surroundings = authority.surroundings;
        renewal().renew(of, NAME, of.renewalSource(NAME).orElseThrow(), leaf, surroundings);
    }

    private Store copy(Path credential, Path directory) throws Exception {
        Path from = store.credential(NAME).toRealPath();
        Path to = Files.createDirectories(credential);
        for (String file : List.of("tls.crt", "tls.key", "ca.crt", "renewal")) {
            Files.copy(from.resolve(file), to.resolve(file));
        }
        return Store.at(directory);
    }

    private X509Certificate leaf() {
        return Credential.load(store.credential(NAME)).chain().leaf();
    }

    private List<X509Certificate> anchors() {
        return TrustAnchors.load(store.credential(NAME).resolve("ca.crt")).certificates();
    }

    private int revoked() throws Exception {
        try (InputStream in = Files.newInputStream(store.revocationList())) {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
            return list.getRevokedCertificates() == null
                    ? 0
                    : list.getRevokedCertificates().size();
        }
    }

    /** The reason of the last failed renewal. */
    private String failure() {
        return authority.events.stream()
                .filter(AuditEvent.RenewalFailed.class::isInstance)
                .map(event -> ((AuditEvent.RenewalFailed) event).why())
                .reduce((before, after) -> after)
                .orElseThrow();
    }
}
