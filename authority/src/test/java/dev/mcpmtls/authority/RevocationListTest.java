// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Revoked certificates, and the list that says so. */
class RevocationListTest extends OpenAuthority {

    @Test
    void revocationListsBeginAsEarlyAsCertificates() throws Exception {
        authority.revoke("echo", RevocationReason.UNSPECIFIED);

        try (InputStream in = Files.newInputStream(store.revocationList())) {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
            assertThat(list.getThisUpdate()).isEqualTo("2026-11-22T09:59:00Z");
        }
    }

    @Test
    void revokesEveryGoodCertificateOfAName() throws Exception {
        BigInteger first = leaf("weather").getSerialNumber();
        BigInteger second = authority.renew("weather").chain().leaf().getSerialNumber();

        List<Issued> revoked = authority.revoke("weather", RevocationReason.KEY_COMPROMISE);

        assertThat(revoked).extracting(Issued::serialNumber).containsExactly(first, second);
        X509CRL list = list();
        assertThat(list.getRevokedCertificate(first).getRevocationReason().ordinal())
                .isEqualTo(1);
        assertThat(list.getRevokedCertificate(second)).isNotNull();
        assertThat(list.getRevokedCertificate(leaf("echo").getSerialNumber())).isNull();
        assertThat(fixed.events).hasAtLeastOneElementOfType(AuditEvent.CertificateRevoked.class);
    }

    @Test
    void revokesOneCertificateAndNoOther() throws Exception {
        BigInteger first = leaf("weather").getSerialNumber();
        BigInteger second = authority.renew("weather").chain().leaf().getSerialNumber();

        authority.revoke(first, RevocationReason.SUPERSEDED);

        assertThat(list().getRevokedCertificate(first)).isNotNull();
        assertThat(list().getRevokedCertificate(second)).isNull();
        assertThatThrownBy(() -> authority.revoke(first, RevocationReason.SUPERSEDED))
                .isInstanceOf(AuthorityException.Refused.class);
    }

    @Test
    void doesNotRenewTheRevokedButRekeysIt() throws Exception {
        authority.revoke("weather", RevocationReason.KEY_COMPROMISE);

        assertThatThrownBy(() -> authority.renew("weather"))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("new key");
        BigInteger replacement = authority.rekey("weather").chain().leaf().getSerialNumber();
        assertThat(list().getRevokedCertificate(replacement)).isNull();
    }

    @Test
    void numbersRevocationListsUpwards() throws Exception {
        BigInteger before = number(list());
        authority.revoke("weather", RevocationReason.UNSPECIFIED);
        authority.revoke("echo", RevocationReason.UNSPECIFIED);

        assertThat(number(list())).isEqualTo(before.add(BigInteger.TWO));
        assertThat(list().getRevokedCertificate(leaf("echo").getSerialNumber()).hasExtensions())
                .isFalse();
    }

    @Test
    void publishesTheListAgainOnlyWhenItIsOldMissingOrBehind() throws Exception {
        assertThat(authority.refreshRevocationList()).isFalse();

        fixed.pass(Duration.ofDays(1));
        assertThat(authority.refreshRevocationList()).isTrue();
        assertThat(list().getNextUpdate())
                .isEqualTo(fixed.now.plus(Duration.ofDays(30)).toString());
        store.journal().nextListNumber(fixed.now);
        assertThat(authority.refreshRevocationList()).isTrue();
        Files.delete(store.revocationList());
        assertThat(authority.refreshRevocationList()).isTrue();
        assertThat(authority.refreshRevocationList()).isFalse();
    }

    @Test
    void publishesARevocationThatWasJournalledByAProcessThatDied() throws Exception {
        BigInteger serial = leaf("weather").getSerialNumber();
        store.journal().revoked(List.of(serial), new Issued.Revocation(fixed.now, RevocationReason.SUPERSEDED));

        assertThatThrownBy(() -> authority.revoke("weather", RevocationReason.SUPERSEDED))
                .isInstanceOf(AuthorityException.Refused.class);
        assertThat(list().getRevokedCertificate(serial)).isNotNull();
    }

    @Test
    void dropsARevocationFromTheListLongAfterTheCertificatesEnd() throws Exception {
        BigInteger serial = leaf("weather").getSerialNumber();
        authority.revoke("weather", RevocationReason.UNSPECIFIED);

        fixed.pass(Duration.ofDays(2));
        authority.refreshRevocationList();
        assertThat(list().getRevokedCertificate(serial)).isNotNull();
        fixed.pass(Duration.ofDays(40));
        authority.refreshRevocationList();
        assertThat(list().getRevokedCertificate(serial)).isNull();
    }
}
