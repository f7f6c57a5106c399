// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.anchors;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.Revocation.Mode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.ReasonFlags;
import org.junit.jupiter.api.Test;

class DistributionPointsTest {

    private static final String CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    private static final URI LOCATION = URI.create("http://crl.example/ca.crl");

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private final Issued client = ca.client("coordinator", spec -> spec.crlAt(LOCATION.toString()));
    private final DistributionPoints points = new DistributionPoints();
    private final ChainVerifier hardFail = verifier(Mode.HARD_FAIL);
    private final ChainVerifier softFail = verifier(Mode.SOFT_FAIL);
    private Instant time = NOW;

    @Test
    void hardFailRefusesUntilTheListHasArrived() {
        Rejection unknown = refusedBy(hardFail, client).rejection();
        assertThat(unknown.reason()).isEqualTo(Reason.REVOCATION_UNKNOWN);
        assertThat(unknown.explain()).contains("not fetched yet from " + LOCATION);
        assertThat(unknown.remedy().text()).contains("at " + LOCATION).doesNotContain("tls.revocation.crl");
        assertThat(refusedBy(hardFail, client).rejection().explain()).contains("is being fetched from " + LOCATION);
        assertThat(points.wanted()).containsExactly(LOCATION);

        assertThat(points.take(LOCATION, ca.crl().encoded(), NOW)).isTrue();

        assertThat(acceptedBy(hardFail, client).wouldReject()).isEmpty();
    }

    @Test
    void softFailAcceptsUntilTheListSaysOtherwise() {
        Peer peer = acceptedBy(softFail, client);
        assertThat(peer.wouldReject()).singleElement().isInstanceOf(RevocationRejection.RevocationUnknown.class);
        points.take(LOCATION, ca.crl().encoded(), NOW);
        assertThat(softFail.recheck(peer)).isEmpty();
        points.take(LOCATION, ca.crl().revoke(client.leaf()).encoded(), NOW);
        assertThat(softFail.recheck(peer)).get().isInstanceOf(RevocationRejection.Revoked.class);
    }

    @Test
    void aListIsGoodUntilItsEnd() {
        acceptedBy(softFail, client);
        Instant end = NOW.plusSeconds(60);
        points.take(
                LOCATION,
                ca.crl().current(NOW.minusSeconds(1), Optional.of(end)).encoded(),
                NOW);
        assertThat(points.currentUntil(LOCATION)).contains(end);
        Peer peer = acceptedBy(hardFail, client);
        time = end;
        assertThat(hardFail.recheck(peer)).isEmpty();
        time = end.plusMillis(1);
        assertThat(hardFail.recheck(peer)).get().isInstanceOf(RevocationRejection.RevocationUnknown.class);
    }

    @Test
    void theSameListAgainChangesNothing() {
        acceptedBy(softFail, client);
        byte[] list = ca.crl().encoded();
        points.take(LOCATION, list, NOW);
        long epoch = points.epoch();
        assertThat(points.take(LOCATION, list, NOW)).isFalse();
        assertThat(points.epoch()).isEqualTo(epoch).isPositive();
        assertThat(revocation(Mode.SOFT_FAIL).epoch())
                .as("with the files'")
                .isGreaterThan(epoch)
                .isEqualTo(Revocation.load(List.of(), Optional.empty(), Mode.SOFT_FAIL)
                                .epoch()
                        + epoch);
    }

    @Test
    void refusesAListThatTheIssuerDidNotSignAndKeepsTheGoodOne() {
        acceptedBy(softFail, client);
        points.take(LOCATION, ca.crl().revoke(client.leaf()).encoded(), NOW);
        byte[] forged = ThrowawayCa.root("Test CA", NOW).crl().encoded();
        refused(forged, "without the signature of the certificate's issuer");
        assertThat(points.absence(new ParsedCertificate(client.leaf()))).contains("without the signature");
        refused("<html>".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "damaged CRL");
        refused(new byte[0], "damaged CRL");
        assertThat(refusedBy(softFail, client).rejection().reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void refusesAnOlderListThanTheOneInForce() {
        acceptedBy(softFail, client);
        points.take(LOCATION, ca.crl().revoke(client.leaf()).encoded(), NOW);
        Instant earlier = NOW.minus(Duration.ofHours(1));
        refused(ca.crl().current(earlier, Optional.of(NOW.plusSeconds(60))).encoded(), "older");
        assertThat(refusedBy(softFail, client).rejection().reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void refusesALowerNumberThanInForceWhateverItsDateAndTakesAHigherOne() {
        acceptedBy(softFail, client);
        points.take(LOCATION, ca.crl().number(7).revoke(client.leaf()).encoded(), NOW);
        Optional<Instant> end = Optional.of(NOW.plusSeconds(60));
        refused(ca.crl().number(6).current(NOW, end).encoded(), "number 6", "number 7");
        assertThat(refusedBy(softFail, client).rejection().reason()).isEqualTo(Reason.REVOKED);
        byte[] higher =
                ca.crl().number(8).current(NOW.minus(Duration.ofHours(1)), end).encoded();
        assertThat(points.take(LOCATION, higher, NOW)).isTrue();
        acceptedBy(softFail, client);
    }

    @Test
    void anExpiredListClearsNobodyButStillRevokes() {
        Issued other = ca.client("other", spec -> spec.crlAt(LOCATION.toString()));
        acceptedBy(softFail, client);
        Instant ended = NOW.minusSeconds(9);
        refused(
                ca.crl()
                        .revoke(client.leaf())
                        .current(ended.minusSeconds(9), Optional.of(ended))
                        .encoded(),
                "expired on " + ended);
        assertThat(refusedBy(softFail, client).rejection().reason()).isEqualTo(Reason.REVOKED);
        assertThat(refusedBy(hardFail, other).rejection().explain()).contains("expired on " + ended);
    }

    @Test
    void anUnusableListDoesNotReplaceAGoodOne() {
        acceptedBy(softFail, client);
        points.take(LOCATION, ca.crl().encoded(), NOW);
        refused(
                ca.crl()
                        .extension("2.5.29.28", true, new IssuingDistributionPoint(null, true, false))
                        .encoded(),
                "critical extensions");
        assertThat(acceptedBy(hardFail, client).wouldReject()).isEmpty();
    }

    @Test
    void saysWhyNothingCame() {
        refusedBy(hardFail, client);
        points.failed(LOCATION, "status 404");
        assertThat(refusedBy(hardFail, client).rejection().explain()).endsWith("status 404");
        points.take(LOCATION, ca.crl().encoded(), NOW);
        assertThat(points.absence(new ParsedCertificate(client.leaf()))).contains("is being fetched");
    }

    @Test
    void aCertificateWithoutLocationNeedsAListToo() {
        assertThat(refusedBy(hardFail, ca.client("other")).rejection().explain())
                .contains("names no distribution point");
        acceptedBy(softFail, client);
        points.take(LOCATION, ca.crl().encoded(), NOW);
        acceptedBy(hardFail, ca.client("other"));
    }

    @Test
    void wantsTheListsOfIntermediatesToo() {
        ThrowawayCa team = ca.intermediate("Team CA", spec -> spec.crlAt("http://crl.example/root.crl"));
        acceptedBy(softFail, team.client("agent", spec -> spec.crlAt("http://crl.example/team.crl")));
        assertThat(points.wanted()).extracting(URI::getPath).containsExactlyInAnyOrder("/root.crl", "/team.crl");
        URI rootList = URI.create("http://crl.example/root.crl");
        assertThatThrownBy(() -> points.take(rootList, team.crl().encoded(), NOW))
                .isInstanceOf(UnusableCredentialException.class);
        assertThat(points.take(rootList, ca.crl().encoded(), NOW)).isTrue();
    }

    @Test
    void wantsNothingThatAnUnverifiedCertificateNames() {
        String there = "http://169.254.169.254/latest";
        refusedBy(softFail, ThrowawayCa.root("Other CA", NOW).client("x", spec -> spec.crlAt(there)));
        refusedBy(softFail, ThrowawayCa.root("Test CA", NOW).client("x", spec -> spec.crlAt(there)));
        refusedBy(softFail, ca.client("x", spec -> spec.crlAt(there)).corrupted());
        refusedBy(softFail, ca.client("x", spec -> spec.crlAt(there).valid(NOW.minusSeconds(9), NOW.minusSeconds(1))));
        refusedBy(softFail, ca.client("x", spec -> spec.crlAt(there).keyUsage(KeyUsage.keyCertSign)));
        refusedBy(
                softFail,
                ca.client("x")
                        .withMore(ca.client("y", spec -> spec.crlAt(there)).leaf())
                        .corrupted());
        Verdict wrongName = softFail.verifyServer(
                Verifying.chain(ca.server("x", spec -> spec.crlAt(there))), DnsName.parse("elsewhere.example"));
        assertThat(wrongName).isInstanceOf(Verdict.Rejected.class);
        TrustPolicy relaxed = TrustPolicy.relaxed(anchors(ca), Relaxation.UNTRUSTED_ISSUER, Relaxation.EXPIRED);
        Issued stranger = ThrowawayCa.root("Other CA", NOW).client("x", spec -> spec.crlAt(there));
        acceptedBy(Verifying.verifier(relaxed.withRevocation(revocation(Mode.SOFT_FAIL))), stranger);
        TrustPolicy pinned =
                TrustPolicy.pinned(Set.of(PublicKeyPin.of(stranger.leaf().getPublicKey())));
        acceptedBy(Verifying.verifier(pinned.withRevocation(revocation(Mode.SOFT_FAIL))), stranger);
        assertThat(points.wanted()).isEmpty();
        assertThatThrownBy(() -> points.take(URI.create(there), ca.crl().encoded(), NOW))
                .isInstanceOf(UnusableCredentialException.class);
    }

    @Test
    void looksAtPlainHttpLocationsOfCompleteListsOnly() {
        GeneralNames here = name("http://crl.example/other.crl");
        GeneralNames issuer = new GeneralNames(new GeneralName(GeneralName.directoryName, "CN=Elsewhere"));
        acceptedBy(
                softFail,
                ca.client(
                        "agent",
                        spec -> spec.extension(
                                CRL_DISTRIBUTION_POINTS, false, new CRLDistPoint(new DistributionPoint[] {
                                    point(name("ldap://crl.example/cn=ca")),
                                    point(name("https://crl.example/ca.crl")),
                                    point(name("file:///etc/passwd")),
                                    point(name("http://user@crl.example/ca.crl")),
                                    point(name("http:/ca.crl")),
                                    point(name("http://crl.example/a b.crl")),
                                    new DistributionPoint(
                                            new DistributionPointName(here),
                                            new ReasonFlags(ReasonFlags.keyCompromise),
                                            null),
                                    new DistributionPoint(new DistributionPointName(here), null, issuer),
                                    new DistributionPoint(null, null, issuer),
                                    point(name("http://crl.example/ca.crl")),
                                }))));
        assertThat(points.wanted()).containsExactly(LOCATION);
    }

    @Test
    void anExtensionThatIsNotDerIsADefect() {
        Issued spoilt = ca.client("x", spec -> spec.extension(CRL_DISTRIBUTION_POINTS, false, new byte[] {0x30, 5}));
        assertThat(refusedBy(softFail, spoilt).rejection().reason()).isEqualTo(Reason.MALFORMED_CERTIFICATE);
    }

    @Test
    void theNumberOfLocationsIsBounded() {
        for (int i = 0; i <= DistributionPoints.MAX_LOCATIONS / 4; i++) {
            List<String> urls = new ArrayList<>();
            for (int j = 0; j < 6; j++) {
                urls.add("http://crl.example/" + i + "/" + j);
            }
            acceptedBy(softFail, ca.client("agent", spec -> spec.crlAt(urls.toArray(new String[0]))));
            assertThat(points.wanted()).hasSize(Math.min(4 * (i + 1), DistributionPoints.MAX_LOCATIONS));
        }
    }

    @Test
    void aLocationIsOfEightIssuersAtMost() {
        for (int i = 1; i <= 9; i++) {
            ThrowawayCa other = ThrowawayCa.root("CA " + i, NOW);
            TrustPolicy policy = TrustPolicy.strict(anchors(other)).withRevocation(revocation(Mode.SOFT_FAIL));
            acceptedBy(Verifying.verifier(policy), other.client("x", spec -> spec.crlAt(LOCATION.toString())));
            byte[] list = other.crl().encoded();
            if (i <= 8) {
                points.take(LOCATION, list, NOW);
            } else {
                refused(list, "without the signature");
            }
        }
    }

    private void refused(byte[] list, String... why) {
        assertThatThrownBy(() -> points.take(LOCATION, list, NOW))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageStartingWith(LOCATION.toString())
                .hasMessageContainingAll(why);
    }

    private ChainVerifier verifier(Mode mode) {
        return new ChainVerifier(TrustPolicy.strict(anchors(ca)).withRevocation(revocation(mode)), () -> time);
    }

    private Revocation revocation(Mode mode) {
        return Revocation.load(List.of(), Optional.empty(), mode, Optional.of(points));
    }

    private static DistributionPoint point(GeneralNames names) {
        return new DistributionPoint(new DistributionPointName(names), null, null);
    }

    private static GeneralNames name(String url) {
        return new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, url));
    }
}
