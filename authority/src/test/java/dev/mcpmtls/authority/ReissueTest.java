// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Certificates that are issued again: renewed for the same key, or for a new one. */
class ReissueTest extends OpenAuthority {

    @Test
    void renewsForOtherNames() throws Exception {
        authority.issue(BACKUP, KeyType.EC_P256);
        List<Identity> names = List.of(BACKUP.names().get(0), new DnsName("backup.example"));

        X509Certificate renewed = authority
                .renew("backup", grant -> grant.withNames(names))
                .chain()
                .leaf();

        assertThat(renewed.getSubjectAlternativeNames())
                .containsExactly(List.of(6, "spiffe://demo.local/agent/backup"), List.of(2, "backup.example"));
        assertThat(authority.renew("backup").chain().leaf().getSubjectAlternativeNames())
                .hasSize(2);
    }

    @Test
    void rekeysForOtherNames() throws Exception {
        X509Certificate before =
                authority.issue(BACKUP, KeyType.EC_P256).chain().leaf();

        X509Certificate after = authority
                .rekey("backup", grant -> grant.withNames(List.of(new DnsName("backup.example"))))
                .chain()
                .leaf();

        assertThat(after.getSubjectAlternativeNames()).containsExactly(List.of(2, "backup.example"));
        assertThat(after.getPublicKey()).isNotEqualTo(before.getPublicKey());
    }

    @Test
    void aCredentialKeepsItsName() {
        assertThatThrownBy(() -> authority.renew("weather", grant -> BACKUP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keeps its name");
    }

    @Test
    void knowsWhichCredentialsCanBeRenewed() throws IOException {
        Files.createDirectory(store.credential("from-elsewhere"));
        authority.revoke("echo", RevocationReason.UNSPECIFIED);

        assertThat(authority.renewable()).containsExactly("coordinator", "datetime", "weather");
    }

    @Test
    void renewsWithTheSameKeyAndNames() throws Exception {
        X509Certificate before = leaf("weather");
        byte[] key = Files.readAllBytes(store.credential("weather").resolve("tls.key"));
        fixed.pass(Duration.ofHours(16));

        X509Certificate after = authority.renew("weather").chain().leaf();

        assertThat(leaf("weather")).isEqualTo(after);
        assertThat(after.getPublicKey()).isEqualTo(before.getPublicKey());
        assertThat(after.getSubjectAlternativeNames()).containsExactlyElementsOf(before.getSubjectAlternativeNames());
        assertThat(after.getExtendedKeyUsage()).isEqualTo(before.getExtendedKeyUsage());
        assertThat(after.getNotAfter()).isEqualTo("2026-11-24T02:00:00Z");
        assertThat(store.credential("weather").resolve("tls.key")).hasBinaryContent(key);
        assertThat(fixed.events).singleElement().isInstanceOf(AuditEvent.CertificateRenewed.class);
    }

    @Test
    void rekeysWithANewKeyOfTheSameType() throws Exception {
        X509Certificate before = leaf("weather");

        X509Certificate after = authority.rekey("weather").chain().leaf();

        assertThat(after.getPublicKey()).isNotEqualTo(before.getPublicKey());
        assertThat(after.getPublicKey().getAlgorithm())
                .isEqualTo(before.getPublicKey().getAlgorithm());
        assertThat(after.getSubjectAlternativeNames()).containsExactlyElementsOf(before.getSubjectAlternativeNames());
        assertThat(leaf("weather")).isEqualTo(after);
    }

    @Test
    void renewsNoCertificateWhoseKeyIsOfNoUseAndGivesItANewOne() throws Exception {
        Path key = store.credential("weather").resolve(Store.KEY);
        byte[] foreign = Files.readAllBytes(store.credential("echo").resolve(Store.KEY));
        for (byte[] useless : List.of(foreign, "-----BEGIN PRIV".getBytes(StandardCharsets.US_ASCII))) {
            Files.write(key, useless);
            X509Certificate before = leaf("weather");

            assertThatThrownBy(() -> authority.renew("weather"))
                    .isInstanceOf(AuthorityException.Refused.class)
                    .hasMessageContaining("new key");
            assertThat(leaf("weather")).isEqualTo(before);
        }
        Files.delete(key);
        assertThatThrownBy(() -> authority.renew("weather")).hasMessageContaining("tls.key is missing");

        authority.rekey("weather");
        authority.renew("weather");
        assertThat(Credential.load(store.credential("weather")).chain().leaf()).isEqualTo(leaf("weather"));
    }

    @Test
    void backdatesTheShortLivedByNoMoreThanTheirLife() {
        Grant brief = BACKUP.withLifetime(Duration.ofSeconds(5));
        authority.issue(brief, KeyType.EC_P256);
        fixed.pass(Duration.ofMillis(3500));

        X509Certificate renewed = authority.renew("backup").chain().leaf();

        assertThat(renewed.getNotBefore()).isEqualTo("2026-11-22T09:59:58Z");
        assertThat(renewed.getNotAfter()).isEqualTo("2026-11-22T10:00:08Z");
    }

    @Test
    void renewsOnlyWhatItIssued() throws IOException {
        Store other = Store.at(directory.resolve("other"));
        fixed.initialise(other);
        Files.delete(store.credential("weather"));
        Files.createSymbolicLink(
                store.credential("weather"), other.credential("weather").toRealPath());

        assertThatThrownBy(() -> authority.renew("weather"))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("was not issued by this authority");
        assertThatThrownBy(() -> authority.renew("nobody"))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("which has coordinator, datetime, echo, weather");
    }

    @Test
    void neverReplacesALinkOfSomebodyElse() throws IOException {
        Path elsewhere = directory.resolve("elsewhere/7");
        Files.createDirectories(elsewhere.getParent());
        Files.move(store.credential("weather").toRealPath(), elsewhere);
        Files.delete(store.credential("weather"));
        Files.createSymbolicLink(store.credential("weather"), elsewhere);

        assertThatThrownBy(() -> authority.renew("weather"))
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessageContaining("was not created here");
        assertThat(store.credential("weather").toRealPath()).isEqualTo(elsewhere.toRealPath());
    }
}
