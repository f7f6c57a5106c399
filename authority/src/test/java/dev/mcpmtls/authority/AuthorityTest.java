// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Certificates as an authority issues them: names, purposes, lifetimes, and what it refuses to issue. */
class AuthorityTest extends OpenAuthority {

    @Test
    void issuesWhatTheGrantSays() throws Exception {
        X509Certificate leaf = authority.issue(BACKUP, KeyType.EC_P384).chain().leaf();

        assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=backup");
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, "spiffe://demo.local/agent/backup"));
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getNotBefore()).isEqualTo("2026-11-22T09:59:00Z");
        assertThat(leaf.getNotAfter()).isEqualTo("2026-11-23T10:00:00Z");
        assertThat(leaf.getPublicKey().toString()).contains("384");
        assertThat(fixed.events).singleElement().isInstanceOf(AuditEvent.CertificateIssued.class);
    }

    @Test
    void refusesALifetimeBeyondItsOwnEnd() {
        Grant endless = BACKUP.withLifetime(Duration.ofDays(9999));

        assertThatThrownBy(() -> authority.issue(endless, KeyType.EC_P256))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("a lifetime of 9999d")
                .hasMessageContaining("choose at most 3650d");
        assertThatThrownBy(() -> authority.renew("weather", Duration.ofDays(9999)))
                .hasMessageContaining("choose at most 3650d");
        assertThat(authority.issued()).hasSize(4);
    }

    @Test
    void issuesForALifetimeUpToItsOwnEnd() {
        Issuance issued = authority.issue(BACKUP.withLifetime(Duration.ofDays(3650)), KeyType.EC_P256);

        fixed.pass(Duration.ofDays(10));
        assertThat(authority.renew("backup").chain().leaf().getNotAfter())
                .isEqualTo(issued.chain().leaf().getNotAfter());
    }

    @Test
    void neverOverwritesACredential() throws IOException {
        byte[] before = Files.readAllBytes(store.credential("weather").resolve("tls.crt"));

        assertThatThrownBy(() -> authority.issue(Grant.server("demo.local", "weather"), KeyType.EC_P256))
                .isInstanceOf(AuthorityException.Refused.class)
                .hasMessageContaining("exists already");
        assertThat(store.credential("weather").resolve("tls.crt")).hasBinaryContent(before);
    }

    @Test
    void neverOutlivesItself() {
        Grant forever = BACKUP.withLifetime(Duration.ofDays(100_000));

        X509Certificate leaf = authority
                .issueIfMissing(forever, KeyType.EC_P256)
                .orElseThrow()
                .chain()
                .leaf();

        X509Certificate anchor = authority.anchors().certificates().get(0);
        assertThat(leaf.getNotAfter()).isEqualTo(anchor.getNotAfter());
    }

    @Test
    void issuesNothingAfterItsOwnEnd() {
        fixed.pass(Duration.ofDays(3650));

        assertThatThrownBy(() -> authority.issue(BACKUP, KeyType.EC_P256))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("expired on 2036-11-19T10:00:00Z");
    }

    @Test
    void issuesNothingBeforeItsOwnBeginning() {
        fixed.pass(Duration.ofDays(-1));

        assertThatThrownBy(() -> authority.issue(BACKUP, KeyType.EC_P256))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("the clock says 2026-11-21T10:00:00Z");
    }

    @Test
    void needsAnAuthority() {
        assertThatThrownBy(() -> fixed.open(Store.at(directory.resolve("nowhere"))))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("make a store with an authority");
    }

    @Test
    void issuesThroughAnIntermediateWithoutTheRootsKey() throws Exception {
        Store deep = Store.at(directory.resolve("deep"));
        AuthorityProfile profile =
                AuthorityProfile.standard("demo.local").with(AuthorityProfile.Hierarchy.INTERMEDIATE);
        fixed.initialise(deep, profile, Optional.empty());
        Files.delete(deep.directory().resolve("authority/issuers/current/root.key"));

        Issuance issuance = fixed.open(deep).renew("weather");

        List<X509Certificate> chain = issuance.chain().certificates();
        X509Certificate root = issuance.anchors().certificates().get(0);
        assertThat(chain).hasSize(2);
        chain.get(0).verify(chain.get(1).getPublicKey());
        chain.get(1).verify(root.getPublicKey());
        root.verify(root.getPublicKey());
        assertThat(chain.get(1).getBasicConstraints()).isZero();
        assertThat(root.getBasicConstraints()).isEqualTo(1);
    }

    @Test
    void grantsOnlyNamesThatStayInTheStore() {
        for (String name : List.of("", "..", "../x", "a/b", ".hidden", "a\nb", "a".repeat(64))) {
            assertThatThrownBy(() -> Grant.agent("demo.local", name)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.credential(name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new Grant("x", List.of(), Set.of(Purpose.CLIENT), Duration.ofHours(1)))
                .hasMessageContaining("at least one SPIFFE ID");
        List<Identity> two = List.of(SpiffeId.parse("spiffe://demo.local/a"), SpiffeId.parse("spiffe://demo.local/b"));
        assertThatThrownBy(() -> new Grant("x", two, Set.of(Purpose.CLIENT), Duration.ofHours(1)))
                .hasMessageContaining("one SPIFFE ID");
        assertThatThrownBy(() -> new Grant("x", List.of(new DnsName("x")), Set.of(), Duration.ofHours(1)))
                .hasMessageContaining("needs a purpose");
    }
}
