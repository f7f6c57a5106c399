// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloverTest {

    private static final AuthorityProfile PROFILE = AuthorityProfile.standard("demo.local");

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    private Store store;
    private Authority authority;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        authority = fixed.open(store);
    }

    @Test
    void knowsHowFarItHasCome() {
        assertThat(authority.rollover().status().stage()).isEqualTo(Rollover.Stage.NONE);
        assertThat(authority.rollover().status().authorities()).hasSize(1);

        authority.rollover().prepare(PROFILE);
        assertThat(authority.rollover().status().stage()).isEqualTo(Rollover.Stage.PREPARED);
        assertThat(authority.rollover().status().authorities()).hasSize(2);
        assertThat(authority.rollover().status().waiting()).isEmpty();

        authority.rollover().switchOver();
        authority.renew("weather");
        assertThat(authority.rollover().status().stage()).isEqualTo(Rollover.Stage.SWITCHED);
        assertThat(authority.rollover().status().waiting())
                .extracting(Issued::credential)
                .containsExactlyInAnyOrder("datetime", "echo", "coordinator");

        authority.renewable().forEach(authority::renew);
        authority.rollover().finish();
        assertThat(authority.rollover().status().stage()).isEqualTo(Rollover.Stage.NONE);
    }

    @Test
    void aStepThatWasCutOffIsCompletedByTheSameStep() throws Exception {
        Path anchors = store.credential("weather").resolve("ca.crt");
        byte[] one = Files.readAllBytes(anchors);
        authority.rollover().prepare(PROFILE);
        Files.write(store.credential("weather").resolve("ca.crt"), one);
        assertThat(authority.rollover().status().outdated()).containsExactly("weather");
        authority.rollover().prepare(PROFILE);
        assertThat(authority.rollover().status().outdated()).isEmpty();
        byte[] two = Files.readAllBytes(anchors);

        authority.rollover().switchOver();
        Files.write(store.credential("weather").resolve("ca.crt"), two);
        authority.rollover().switchOver();
        everybodyTrustsEverybody();
        assertThatThrownBy(() -> authority.rollover().switchOver()).isInstanceOf(AuthorityException.Refused.class);

        authority.renewable().forEach(authority::renew);
        authority.rollover().finish();
        Files.write(store.credential("weather").resolve("ca.crt"), two);
        authority.rollover().finish();
        assertThat(certificates("weather", "ca.crt")).hasSize(1);
        assertThatThrownBy(() -> authority.rollover().finish()).isInstanceOf(AuthorityException.Refused.class);
    }

    @Test
    void lostFilesOfOneCredentialDoNotStopAStep() throws Exception {
        Files.delete(store.credential("datetime").resolve("tls.key"));
        Files.delete(store.credential("echo"));
        Files.createSymbolicLink(store.credential("echo"), Path.of(".versions/echo/99"));
        Files.writeString(store.credential("coordinator").resolve("tls.crt"), "damaged");

        authority.rollover().prepare(PROFILE);

        assertThat(certificates("weather", "ca.crt")).hasSize(2);
        assertThat(authority.rollover().status().outdated()).isEmpty();
    }

    @Test
    void leavesNoMomentInWhichACredentialOfTheStoreDistrustsAnother() throws Exception {
        everybodyTrustsEverybody();
        authority.rollover().prepare(PROFILE);
        everybodyTrustsEverybody();
        authority.rollover().switchOver();
        everybodyTrustsEverybody();
        for (String name : store.credentialNames()) {
            authority.renew(name);
            everybodyTrustsEverybody();
        }
        authority.rollover().finish();
        everybodyTrustsEverybody();

        assertThat(certificates("weather", "ca.crt")).hasSize(1);
        assertThat(directory.resolve("store/authority/.versions/issuers")).isDirectoryNotContaining("glob:**/previous");
    }

    @Test
    void signsWithTheNewKeyOnlyAfterTheSwitch() throws Exception {
        X509Certificate old = authority.anchors().certificates().get(0);

        List<X509Certificate> both = authority.rollover().prepare(PROFILE).certificates();
        authority.renew("echo");
        certificates("echo", "tls.crt").get(0).verify(old.getPublicKey());
        authority.rollover().switchOver();
        authority.renew("echo");
        certificates("echo", "tls.crt").get(0).verify(both.get(1).getPublicKey());

        assertThat(both).hasSize(2).startsWith(old);
    }

    @Test
    void stillRevokesWhatTheOldAuthoritySigned() throws Exception {
        X509Certificate old = authority.anchors().certificates().get(0);
        X509Certificate weather = certificates("weather", "tls.crt").get(0);
        authority.rollover().prepare(PROFILE);
        authority.rollover().switchOver();

        authority.revoke("weather", RevocationReason.SUPERSEDED);

        assertThat(revocationLists(store))
                .hasSize(2)
                .allSatisfy(list -> assertThat(list.isRevoked(weather))
                        .isEqualTo(((X509CRL) list).getIssuerX500Principal().equals(old.getSubjectX500Principal())));
    }

    @Test
    void keepsTheOldAuthorityWhileSomebodyNeedsIt() {
        authority.rollover().prepare(PROFILE);
        authority.rollover().switchOver();
        store.credentialNames().stream().filter(name -> !name.equals("echo")).forEach(authority::renew);

        assertThatThrownBy(() -> authority.rollover().finish())
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("still needed by echo (until ");
        authority.renew("echo");
        assertThat(authority.rollover().finish().certificates()).hasSize(1);
    }

    @Test
    void makesNoKeyUnencryptedBesideAnEncryptedOne() throws Exception {
        Store locked = Store.at(directory.resolve("locked"));
        fixed.initialise(locked, PROFILE, Optional.of(Passphrase.of("secret".toCharArray())));

        assertThatThrownBy(() -> fixed.open(locked).rollover().prepare(PROFILE))
                .isInstanceOf(AuthorityException.Unavailable.class);
        assertThat(locked.directory().resolve("authority/issuers/next")).doesNotExist();
        try (Authority opened =
                Authority.open(locked, Optional.of(Passphrase.of("secret".toCharArray())), fixed.surroundings)) {
            opened.rollover().prepare(PROFILE);
        }
        assertThat(locked.directory().resolve("authority/issuers/next/ca.key"))
                .content()
                .startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    }

    @Test
    void preparesOnceAndTakesNoStepOutOfOrder() {
        Rollover rollover = authority.rollover();

        assertThatThrownBy(rollover::switchOver).isInstanceOf(AuthorityException.Refused.class);
        assertThatThrownBy(rollover::finish).isInstanceOf(AuthorityException.Refused.class);
        assertThat(rollover.prepare(PROFILE)).isEqualTo(rollover.prepare(PROFILE));
        rollover.switchOver();
        assertThatThrownBy(() -> rollover.prepare(PROFILE))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("in progress");
    }

    @Test
    void isSeenByAnAuthorityThatWasOpenedBefore() throws Exception {
        Authority elsewhere = fixed.open(store);
        elsewhere.renew("weather");
        List<X509Certificate> both = authority.rollover().prepare(PROFILE).certificates();
        authority.rollover().switchOver();

        elsewhere.renew("weather").chain().leaf().verify(both.get(1).getPublicKey());
    }

    @Test
    void replacesAnIntermediateWithTheRootsKeyOnly() throws Exception {
        Store deep = Store.at(directory.resolve("deep"));
        AuthorityProfile profile = PROFILE.with(Hierarchy.INTERMEDIATE);
        fixed.initialise(deep, profile, Optional.empty());
        Authority below = fixed.open(deep);
        Path away = Files.move(
                deep.directory().resolve("authority/issuers/current/root.key"), directory.resolve("root.key"));
        X509Certificate before = below.renew("echo").chain().certificates().get(1);

        Path wrong = deep.directory().resolve("authority/issuers/current/ca.key");
        assertThatThrownBy(() -> below.rollover().replaceIntermediate(wrong, profile))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("this is not the key of");
        List<X509Certificate> anchors =
                below.rollover().replaceIntermediate(away, profile).certificates();

        X509Certificate after = below.renew("echo").chain().certificates().get(1);
        assertThat(after).isNotEqualTo(before);
        assertThat(anchors).hasSize(1);
        after.verify(anchors.get(0).getPublicKey());
        deep.credentialNames().forEach(below::renew);
        assertThatThrownBy(() -> below.rollover().finish()).isInstanceOf(AuthorityException.Refused.class);
        fixed.pass(Duration.ofHours(24));
        below.rollover().finish();
        assertThat(revocationLists(deep)).hasSize(2);
    }

    private void everybodyTrustsEverybody() throws Exception {
        for (String one : store.credentialNames()) {
            for (String other : store.credentialNames()) {
                X509Certificate leaf = certificates(one, "tls.crt").get(0);
                X509Certificate issuer = certificates(other, "ca.crt").stream()
                        .filter(anchor -> anchor.getSubjectX500Principal().equals(leaf.getIssuerX500Principal()))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(other + " does not trust " + one));
                leaf.verify(issuer.getPublicKey());
            }
        }
    }

    private static Collection<? extends CRL> revocationLists(Store store) throws Exception {
        try (InputStream in = Files.newInputStream(store.revocationList())) {
            return CertificateFactory.getInstance("X.509").generateCRLs(in);
        }
    }

    private List<X509Certificate> certificates(String name, String file) throws Exception {
        return Pem.parseCertificates(Files.readAllBytes(store.credential(name).resolve(file)));
    }
}
