// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.anchors;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.testkit.ThrowawayCrl;
import dev.mcpmtls.trust.Revocation.Mode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.junit.jupiter.api.Test;

/** Peers that CRLs and the deny list refuse or clear; {@link CrlSeriesTest} reads them again, {@link UnprovenCrlsTest} forges them. */
class RevocationTest extends RevocationFixture {

    private static final String CRL_NUMBER = "2.5.29.20";

    @Test
    void refusesARevokedLeafAndAcceptsOneThatIsNot() {
        ChainVerifier verifier = hardFail(crl -> crl.revoke(client.leaf()));
        RevocationRejection.Revoked revoked =
                (RevocationRejection.Revoked) refusedBy(verifier, client).rejection();
        assertThat(revoked.serialNumber()).isEqualTo(client.leaf().getSerialNumber());
        assertThat(revoked.at()).contains(NOW.minusSeconds(60));
        assertThat(acceptedBy(verifier, ca.client("other")).wouldReject()).isEmpty();
    }

    @Test
    void refusesTheLeafOfARevokedIntermediate() {
        ThrowawayCa team = ca.intermediate("Team CA");
        Issued leaf = team.client("coordinator");
        team.crl().writeTo(directory.resolve("team.crl"));
        ca.crl().writeTo(directory.resolve("root.crl"));
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, directory);
        acceptedBy(verifier, leaf);
        ca.crl().revoke(team.certificate()).writeTo(directory.resolve("root.crl"));
        verifier.policy().revocation().reload();
        assertThat(refusedBy(verifier, leaf).rejection().reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void readsOneDerFileToo() throws IOException {
        Path file = Files.write(
                directory.resolve("one.der"), ca.crl().revoke(client.leaf()).encoded());
        assertThat(refusedBy(verifier(Mode.HARD_FAIL, file), client).rejection().reason())
                .isEqualTo(Reason.REVOKED);
    }

    @Test
    void hardFailRefusesWhatNoCurrentCrlClears() {
        unknown(crl -> crl.current(NOW.minus(Duration.ofDays(2)), Optional.of(NOW.minusMillis(1000))));
        unknown(crl -> crl.current(NOW.plusSeconds(1), Optional.of(NOW.plusSeconds(9))));
        unknown(crl -> crl.current(NOW.minusSeconds(9), Optional.empty()));
        unknown(ThrowawayCrl::unnumbered);
        unknown(crl -> crl.unnumbered().extension(CRL_NUMBER, false, new ASN1Integer(-1)));
        unknown(crl ->
                crl.unnumbered().extension(CRL_NUMBER, false, new ASN1Integer(BigInteger.ONE.shiftLeft(20 * 8))));
        unknown(crl -> crl.signedWith("SHA1withECDSA"));
        unknown(crl -> crl.extension("2.5.29.28", true, new IssuingDistributionPoint(null, true, false)));
        unknown(crl -> crl.extension("2.5.29.28", false, new IssuingDistributionPoint(null, true, false)));
        unknown(crl -> crl.extension("2.5.29.27", false, new ASN1Integer(1)));
        unknown(crl -> crl.listUnintelligibly(1));
    }

    @Test
    void hardFailAcceptsWhatACrlOfTheLargestNumberClears() {
        acceptedBy(
                hardFail(crl -> crl.unnumbered()
                        .extension(
                                CRL_NUMBER,
                                false,
                                new ASN1Integer(BigInteger.ONE.shiftLeft(20 * 8).subtract(BigInteger.ONE)))),
                client);
    }

    @Test
    void softFailRecordsWhatNoCurrentCrlClears() {
        ca.crl().current(NOW.minusSeconds(9), Optional.empty()).writeTo(directory.resolve("a.crl"));
        Peer peer = acceptedBy(verifier(Mode.SOFT_FAIL, directory), client);
        assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
        assertThat(peer.wouldReject()).singleElement().isInstanceOf(RevocationRejection.RevocationUnknown.class);
    }

    @Test
    void softFailStillRefusesTheRevokedEvenFromAStaleCrl() {
        ca.crl()
                .revoke(client.leaf())
                .current(NOW.minusSeconds(9), Optional.of(NOW.minusSeconds(1)))
                .writeTo(directory.resolve("a.crl"));
        assertThat(refusedBy(verifier(Mode.SOFT_FAIL, directory), client)
                        .rejection()
                        .reason())
                .isEqualTo(Reason.REVOKED);
    }

    @Test
    void softFailSaysThatTheStatusIsUnknownAndNotThatValidationIsRelaxed() {
        Path file = ca.crl().writeTo(directory.resolve("a.crl"));
        Peer cleared = acceptedBy(verifier(Mode.SOFT_FAIL, file), client);
        assertThat(cleared.acceptance()).isEqualTo("accepted spiffe://demo.local/agent/coordinator (VERIFIED)");
        assertThat(cleared.isAcceptedWithReservations()).isFalse();
        ca.crl().current(NOW.minusSeconds(9), Optional.of(NOW.minusSeconds(1))).writeTo(file);
        Peer unknown = acceptedBy(verifier(Mode.SOFT_FAIL, file), client);
        assertThat(unknown.acceptance())
                .startsWith(
                        "accepted spiffe://demo.local/agent/coordinator (VERIFIED) without knowing whether it was revoked: ")
                .contains("its CRL expired on")
                .doesNotContain("relaxed");
        assertThat(unknown.relaxed()).isEmpty();
        assertThat(unknown.isAcceptedWithReservations()).isTrue();
        Peer stranger =
                acceptedBy(relaxed(file), ThrowawayCa.root("Elsewhere", NOW).client("x"));
        assertThat(stranger.acceptance()).contains("(CLAIMED) only because validation is relaxed: ");
        assertThat(stranger.isAcceptedWithReservations()).isTrue();
        Issued late = ca.client("late", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        assertThat(acceptedBy(relaxed(file), late).acceptance())
                .contains("only because validation is relaxed: ", "; and without knowing whether it was revoked: ");
    }

    @Test
    void theDenyListRefusesByKeyAndBySerialNumberInEveryMode() throws IOException {
        PublicKeyPin pin = PublicKeyPin.of(client.leaf().getPublicKey());
        String serial = client.leaf().getSerialNumber().toString(16);
        for (String entry : List.of(pin.text(), serial, serial + " # stolen laptop")) {
            Path file = Files.writeString(directory.resolve("deny"), "# local\n\n" + entry + "\n");
            Revocation denied = Revocation.load(List.of(), Optional.of(file), Mode.SOFT_FAIL);
            for (TrustPolicy policy : List.of(
                    TrustPolicy.strict(anchors(ca)),
                    TrustPolicy.relaxed(anchors(ca), Relaxation.UNTRUSTED_ISSUER),
                    TrustPolicy.pinned(java.util.Set.of(pin)))) {
                ChainVerifier verifier = Verifying.verifier(policy.withRevocation(denied));
                Rejection rejection = refusedBy(verifier, client).rejection();
                assertThat(rejection.reason()).isEqualTo(Reason.REVOKED);
                assertThat(rejection.explain()).contains("line 3 of " + file);
            }
            acceptedBy(Verifying.verifier(TrustPolicy.strict(anchors(ca)).withRevocation(denied)), ca.client("other"));
        }
    }

    @Test
    void tellsHowTheListsOfEachIssuerStand() {
        assertThat(Revocation.none().standings(List.of(), NOW)).isEmpty();
        assertThat(load(Mode.HARD_FAIL, ca.crl().writeTo(directory.resolve("a.crl")))
                        .mode())
                .isEqualTo(Mode.HARD_FAIL);
        Instant end = NOW.plusSeconds(60);
        ca.crl().current(NOW.minusSeconds(9), Optional.of(end)).writeTo(directory.resolve("a.crl"));
        ca.crl().current(NOW.minusSeconds(9), Optional.empty()).writeTo(directory.resolve("b.crl"));
        ThrowawayCa other = ThrowawayCa.root("A CA", NOW);
        other.crl()
                .current(NOW.minusSeconds(9), Optional.of(NOW.minusSeconds(1)))
                .writeTo(directory.resolve("c.crl"));
        Revocation revocation = load(Mode.SOFT_FAIL, directory);
        assertThat(revocation.mode()).isEqualTo(Mode.SOFT_FAIL);
        assertThat(revocation.standings(List.of(), NOW))
                .containsExactly(
                        new Revocation.Standing(
                                "CN=A CA",
                                Optional.of(NOW.minusSeconds(1)),
                                Optional.of("its CRL expired on " + NOW.minusSeconds(1))),
                        new Revocation.Standing("CN=Test CA", Optional.of(end), Optional.empty()));
        assertThat(revocation.standings(List.of(), end.plusSeconds(1)).get(1).unusable())
                .contains("its CRL expired on " + end);
    }

    @Test
    void anIssuersCertificatesAreClearedByAnyOfItsLists() {
        Instant end = NOW.plusSeconds(60);
        ca.crl().current(NOW.minusSeconds(9), Optional.of(NOW.plusSeconds(30))).writeTo(directory.resolve("a.crl"));
        ca.crl().current(NOW.minusSeconds(9), Optional.of(end)).unnumbered().writeTo(directory.resolve("b.crl"));
        Revocation revocation = load(Mode.HARD_FAIL, directory);
        assertThat(revocation.standings(List.of(), NOW))
                .containsExactly(new Revocation.Standing("CN=Test CA", Optional.of(end), Optional.empty()));
        assertThat(revocation.standings(List.of(), NOW.plusSeconds(31)))
                .singleElement()
                .extracting(standing -> standing.unusable().isPresent())
                .isEqualTo(true);
    }

    @Test
    void readsAThousandAndTwentyFourFilesAndNoMore() {
        Path file = ca.crl().writeTo(directory.resolve("a.crl"));
        List<Path> files = Collections.nCopies(1024, file);
        assertThat(Revocation.load(files, Optional.empty(), Mode.SOFT_FAIL).turningPoints())
                .isNotEmpty();
        List<Path> oneMore = Collections.nCopies(1025, file);
        assertThatThrownBy(() -> Revocation.load(oneMore, Optional.empty(), Mode.SOFT_FAIL))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("more than 1024 CRL files");
    }

    @Test
    void aMalformedDenyListIsRefusedWithItsLine() throws IOException {
        Path file = Files.writeString(directory.resolve("deny"), "ab12\nnot a number\n");
        assertThatThrownBy(() -> Revocation.load(List.of(), Optional.of(file), Mode.SOFT_FAIL))
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining("line 2 of " + file);
    }

    private void unknown(UnaryOperator<ThrowawayCrl> change) {
        Rejection rejection = refusedBy(hardFail(change), client).rejection();
        assertThat(rejection.reason()).isEqualTo(Reason.REVOCATION_UNKNOWN);
        assertThat(rejection.remedy().text()).contains("tls.revocation.crl");
    }

    private ChainVerifier hardFail(UnaryOperator<ThrowawayCrl> change) {
        change.apply(ca.crl()).writeTo(directory.resolve("a.crl"));
        return verifier(Mode.HARD_FAIL, directory);
    }
}
