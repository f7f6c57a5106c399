// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.authority.Issued.Status;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityTest {

    private static final Grant BACKUP = Grant.agent("demo.local", "backup");

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    private Store store;
    private Authority authority;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        fixed.events.clear();
        authority = fixed.open(store);
    }

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
    void revocationListsBeginAsEarlyAsCertificates() throws Exception {
        authority.revoke("echo", RevocationReason.UNSPECIFIED);

        try (InputStream in = Files.newInputStream(store.revocationList())) {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
            assertThat(list.getThisUpdate()).isEqualTo("2026-11-22T09:59:00Z");
        }
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
    void handsOutNothingThatCannotBeRecorded() {
        Surroundings deaf = new Surroundings(
                fixed.surroundings.clock(),
                new SecureRandom(),
                event -> CompletableFuture.failedFuture(
                        new AuditUnavailableException("audit.jsonl cannot be written", new IOException("disk full"))));
        Authority unrecorded = Authority.open(store, Optional.empty(), deaf);

        assertThatThrownBy(() -> unrecorded.issue(BACKUP, KeyType.EC_P256))
                .isInstanceOf(AuditUnavailableException.class);
        assertThat(store.credentialNames()).doesNotContain("backup");
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

    @Test
    void listsWhatItIssued() {
        authority.revoke("echo", RevocationReason.CESSATION_OF_OPERATION);
        fixed.pass(Duration.ofHours(12));
        authority.renew("weather");
        fixed.pass(Duration.ofHours(13));

        List<Issued> issued = fixed.open(store).issued();

        assertThat(issued)
                .extracting(Issued::credential, it -> it.status(fixed.now))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("weather", Status.EXPIRED),
                        org.assertj.core.groups.Tuple.tuple("datetime", Status.EXPIRED),
                        org.assertj.core.groups.Tuple.tuple("echo", Status.REVOKED),
                        org.assertj.core.groups.Tuple.tuple("coordinator", Status.EXPIRED),
                        org.assertj.core.groups.Tuple.tuple("weather", Status.VALID));
        assertThat(issued.get(0).names())
                .containsExactly("URI:spiffe://demo.local/server/weather", "DNS:localhost", "IP:127.0.0.1", "IP:::1");
        assertThat(issued.get(0).purposes()).containsExactly(Purpose.SERVER);
    }

    @Test
    void repeatsNoSerialNumberWhenManyIssueAtOnce() throws Exception {
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Callable<Void>> work = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            Grant grant = Grant.agent("demo.local", "agent-" + thread);
            work.add(() -> {
                Authority own = fixed.open(store);
                own.issue(grant, KeyType.EC_P256);
                for (int round = 0; round < 10; round++) {
                    own.renew(grant.name());
                }
                return null;
            });
        }
        for (Future<Void> done : pool.invokeAll(work)) {
            done.get();
        }
        pool.shutdown();

        List<Issued> issued = authority.issued();
        Set<BigInteger> serials = new HashSet<>();
        issued.forEach(it -> serials.add(it.serialNumber()));
        assertThat(issued).hasSize(4 + threads * 11);
        assertThat(serials).hasSameSizeAs(issued);
    }

    @Test
    void forgetsALastLineThatWasNeverFinished() throws IOException {
        Path journal = directory.resolve("store/authority/journal");
        String whole = Files.readString(journal);
        Files.writeString(journal, whole + "issued 2026-11-22T1");

        assertThat(fixed.open(store).issued()).hasSize(4);
        fixed.open(store).issue(BACKUP, KeyType.EC_P256);
        assertThat(fixed.open(store).issued()).hasSize(5);
        assertThat(journal).content().startsWith(whole).doesNotContain("2026-11-22T1issued");
    }

    @Test
    void refusesAJournalThatSomebodyDamaged() throws IOException {
        Path journal = directory.resolve("store/authority/journal");
        Files.writeString(journal, Files.readString(journal).replaceFirst("issued", "ixsued"));

        assertThatThrownBy(() -> fixed.open(store).issued())
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessageContaining("is damaged in line 1");
    }

    @Test
    void opensAnEncryptedKeyWithItsPassphraseOnly() throws IOException {
        Store locked = Store.at(directory.resolve("locked"));
        try (Passphrase passphrase = Passphrase.of("räuber hotzenplotz".toCharArray())) {
            fixed.initialise(locked, AuthorityProfile.standard("demo.local"), Optional.of(passphrase));
        }

        assertThat(locked.directory().resolve("authority/issuers/current/ca.key"))
                .content()
                .startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        assertThat(open(locked, "räuber hotzenplotz").renew("weather").chain().certificates())
                .hasSize(1);
        assertThatThrownBy(() -> open(locked, "wrong").renew("weather"))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("cannot be decrypted with this passphrase");
        assertThatThrownBy(() -> fixed.open(locked).renew("weather"))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("give the authority's passphrase");
        assertThat(fixed.open(locked).issued()).hasSize(5);
    }

    @Test
    void wipesAndNeverPrintsAPassphrase() {
        char[] characters = "secret".toCharArray();
        Passphrase passphrase = Passphrase.of(characters);

        assertThat(passphrase).hasToString("Passphrase[redacted]");
        Authority.open(store, Optional.of(passphrase), fixed.surroundings).close();
        assertThat(characters).containsOnly('\0');
    }

    @Test
    void refusesAKeyThatOthersCanRead() throws IOException {
        Path key = directory.resolve("store/authority/issuers/current/ca.key");
        Files.setPosixFilePermissions(key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> authority.renew("weather"))
                .isInstanceOf(AuthorityException.Unavailable.class)
                .hasMessageContaining("chmod 600");
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

    private Authority open(Store locked, String passphrase) {
        return Authority.open(locked, Optional.of(Passphrase.of(passphrase.toCharArray())), fixed.surroundings);
    }

    private X509Certificate leaf(String name) throws Exception {
        byte[] pem = Files.readAllBytes(store.credential(name).resolve("tls.crt"));
        return Pem.parseCertificates(pem).get(0);
    }

    private X509CRL list() throws Exception {
        try (InputStream in = Files.newInputStream(store.revocationList())) {
            return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
        }
    }

    private static BigInteger number(X509CRL list) {
        byte[] value = list.getExtensionValue("2.5.29.20");
        return new BigInteger(Arrays.copyOfRange(value, 4, value.length));
    }
}
