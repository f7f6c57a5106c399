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
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevocationTest {

    private static final String CRL_NUMBER = "2.5.29.20";

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private final Issued client = ca.client("coordinator");
    private Instant time = NOW;

    @TempDir
    private Path directory;

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
    void aCrlOfAnotherAuthorityOfThatNameSaysNothing() {
        ThrowawayCa.root("Test CA", NOW).crl().revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        assertThat(refusedBy(verifier(Mode.HARD_FAIL, directory), client)
                        .rejection()
                        .reason())
                .isEqualTo(Reason.REVOCATION_UNKNOWN);
    }

    /** CRLs in the issuer's name that are not proved to be the issuer's. */
    private List<byte[]> withoutProof(UnaryOperator<ThrowawayCrl> change) {
        return List.of(
                change.apply(ThrowawayCa.root("Test CA", NOW).crl()).encoded(),
                change.apply(ca.crl()).signedWith("SHA1withECDSA").encoded());
    }

    @Test
    void softFailRefusesWhomAListWithoutProofNames() throws IOException {
        Path file = directory.resolve("a.crl");
        for (byte[] list : withoutProof(crl -> crl.revoke(client.leaf()))) {
            Files.write(file, list);
            for (ChainVerifier verifier : List.of(verifier(Mode.SOFT_FAIL, file), relaxed(file))) {
                Rejection rejection = refusedBy(verifier, client).rejection();
                assertThat(rejection).isInstanceOf(RevocationRejection.ListedWithoutProof.class);
                assertThat(rejection.reason()).isEqualTo(Reason.REVOCATION_UNKNOWN);
                assertThat(rejection.explain())
                        .contains(
                                file.toString(), client.leaf().getSerialNumber().toString(16));
                Peer other = acceptedBy(verifier, ca.client("other"));
                assertThat(other.wouldReject())
                        .singleElement()
                        .extracting(Rejection::explain)
                        .asString()
                        .contains(file.toString())
                        .doesNotContain("there is no CRL of it");
            }
        }
    }

    private ChainVerifier relaxed(Path file) {
        return Verifying.verifier(TrustPolicy.relaxed(anchors(ca), Relaxation.UNTRUSTED_ISSUER, Relaxation.EXPIRED)
                .withRevocation(load(Mode.SOFT_FAIL, file)));
    }

    @Test
    void aGenuineListOverrulesOneWithoutProof() {
        ThrowawayCa.root("Test CA", NOW).crl().revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        ca.crl().writeTo(directory.resolve("b.crl"));
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, directory);
        assertThat(acceptedBy(verifier, client).wouldReject()).isEmpty();
        assertThat(unusable(verifier)).hasValueSatisfying(why -> assertThat(why).contains("a.crl"));
    }

    @Test
    void theListOfAnotherAnchorOfThatNameIsAboutOthers() {
        ThrowawayCa namesake = ThrowawayCa.root("Test CA", NOW);
        namesake.crl().revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        TrustAnchors both = new TrustAnchors(List.of(ca.certificate(), namesake.certificate()));
        ChainVerifier verifier =
                Verifying.verifier(TrustPolicy.strict(both).withRevocation(load(Mode.SOFT_FAIL, directory)));
        assertThat(acceptedBy(verifier, client).wouldReject())
                .singleElement()
                .isInstanceOf(RevocationRejection.RevocationUnknown.class);
    }

    @Test
    void aListWithoutProofIsUnusable() throws IOException {
        Path file = directory.resolve("a.crl");
        for (byte[] list : withoutProof(crl -> crl)) {
            Files.write(file, list);
            assertThat(unusable(verifier(Mode.SOFT_FAIL, file)))
                    .hasValueSatisfying(why -> assertThat(why).contains(file.toString()));
        }
        ThrowawayCa.root("Elsewhere", NOW).crl().writeTo(file);
        assertThat(unusable(verifier(Mode.SOFT_FAIL, file)))
                .as("of another issuer")
                .isPresent();
        ca.crl().writeTo(file);
        assertThat(unusable(verifier(Mode.SOFT_FAIL, file))).isEmpty();
        ThrowawayCa mute = ThrowawayCa.root("Test CA", NOW, spec -> spec.keyUsage(KeyUsage.keyCertSign));
        mute.crl().writeTo(file);
        ChainVerifier verifier =
                Verifying.verifier(TrustPolicy.strict(anchors(mute)).withRevocation(load(Mode.SOFT_FAIL, file)));
        assertThat(unusable(verifier))
                .as("of an authority that may not sign CRLs")
                .isPresent();
    }

    @Test
    void theListOfAnIntermediateIsUsableOnceThatWasSeenOrWhenTheAnchorHasItsOwn() {
        ThrowawayCa team = ca.intermediate("Team CA");
        team.crl().writeTo(directory.resolve("team.crl"));
        ChainVerifier verifier = verifier(Mode.SOFT_FAIL, directory);
        assertThat(unusable(verifier)).isPresent();
        acceptedBy(verifier, team.client("coordinator"));
        assertThat(unusable(verifier)).isEmpty();
        ca.crl().writeTo(directory.resolve("root.crl"));
        assertThat(unusable(verifier(Mode.SOFT_FAIL, directory))).isEmpty();
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

    private static Optional<String> unusable(ChainVerifier verifier) {
        return verifier.policy().revocationStandings(NOW).stream()
                .flatMap(standing -> standing.unusable().stream())
                .findFirst();
    }

    @Test
    void anIssuerThatMayNotSignCrlsSaysNothing() {
        ThrowawayCa mute = ThrowawayCa.root("Mute CA", NOW, spec -> spec.keyUsage(KeyUsage.keyCertSign));
        mute.crl().writeTo(directory.resolve("a.crl"));
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(anchors(mute)).withRevocation(load(Mode.HARD_FAIL, directory)), () -> time);
        assertThat(refusedBy(verifier, mute.client("coordinator")).rejection().reason())
                .isEqualTo(Reason.REVOCATION_UNKNOWN);
    }

    @Test
    void anAcceptedPeerFallsWhenTheCrlChangesAndIsReadAgain() {
        ca.crl().writeTo(directory.resolve("a.crl"));
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, directory);
        Peer peer = acceptedBy(verifier, client);
        Peer other = acceptedBy(verifier, ca.client("other"));
        assertThat(verifier.policy().revocation().reload()).isFalse();

        ca.crl().revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        assertThat(verifier.recheck(peer)).isEmpty();
        assertThat(verifier.policy().revocation().reload()).isTrue();

        assertThat(verifier.recheck(peer)).containsInstanceOf(RevocationRejection.Revoked.class);
        assertThat(verifier.recheck(other)).isEmpty();
    }

    @Test
    void anAcceptedPeerIsJudgedAgainWhenTheCrlRunsOut() {
        ca.crl().current(NOW.minusSeconds(9), Optional.of(NOW.plusSeconds(60))).writeTo(directory.resolve("a.crl"));
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, directory);
        Peer peer = acceptedBy(verifier, client);
        assertThat(peer.goodUntil()).isEqualTo(NOW.plusSeconds(60));
        time = NOW.plusSeconds(61);
        assertThat(verifier.recheck(peer)).containsInstanceOf(RevocationRejection.RevocationUnknown.class);
    }

    @Test
    void aDamagedCrlKeepsTheLastGoodDataAndSaysSo() throws IOException {
        Path file = ca.crl().revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        ChainVerifier verifier = verifier(Mode.SOFT_FAIL, directory);
        Files.writeString(file, "half a file");
        assertThatThrownBy(() -> verifier.policy().revocation().reload())
                .isInstanceOf(UnusableCredentialException.class)
                .hasMessageContaining(file.toString());
        assertThat(refusedBy(verifier, client).rejection().reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void anOlderListLetsNobodyBackInAndIsToldOf() {
        Path file = directory.resolve("a.crl");
        ca.crl().number(7).revoke(client.leaf()).writeTo(file);
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, file);
        Optional<Instant> end = Optional.of(NOW.plusSeconds(60));
        for (Instant thisUpdate : List.of(NOW.minus(Duration.ofHours(1)), NOW)) {
            ca.crl().number(6).current(thisUpdate, end).writeTo(file);
            assertThatThrownBy(() -> verifier.policy().revocation().reload())
                    .isInstanceOf(UnusableCredentialException.class)
                    .hasMessageContainingAll(
                            file.toString(),
                            "CN=Test CA",
                            "number 6, of " + thisUpdate,
                            "number 7, of " + NOW.minusSeconds(60),
                            "copy the authority's newest CRL",
                            "restart");
            assertThat(refusedBy(verifier, client).rejection().reason()).isEqualTo(Reason.REVOKED);
        }
    }

    @Test
    void aNewerListIsTakenAndSoIsOneOfTheSameNumberAndTime() {
        Path file = directory.resolve("a.crl");
        ca.crl().number(7).writeTo(file);
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, file);
        ca.crl().number(7).revoke(client.leaf()).writeTo(file);
        assertThat(verifier.policy().revocation().reload()).isTrue();
        assertThat(refusedBy(verifier, client).rejection().reason()).isEqualTo(Reason.REVOKED);
        ca.crl().number(8).writeTo(file);
        assertThat(verifier.policy().revocation().reload()).isTrue();
        acceptedBy(verifier, client);
    }

    @Test
    void aListOfAHigherNumberIsNewerAlthoughAClockWasSetBack() {
        Path file = ca.crl().number(7).writeTo(directory.resolve("a.crl"));
        Revocation revocation = load(Mode.HARD_FAIL, file);
        ca.crl()
                .number(8)
                .current(NOW.minus(Duration.ofHours(1)), Optional.of(NOW.plusSeconds(60)))
                .writeTo(file);
        assertThat(revocation.reload()).isTrue();
    }

    @Test
    void theDateDecidesWhereNumbersAreMissingOrTheSame() {
        Optional<Instant> end = Optional.of(NOW.plusSeconds(60));
        for (UnaryOperator<ThrowawayCrl> numbered :
                List.<UnaryOperator<ThrowawayCrl>>of(ThrowawayCrl::unnumbered, crl -> crl.number(1))) {
            Path file = ca.crl().writeTo(directory.resolve("a.crl"));
            Revocation revocation = load(Mode.SOFT_FAIL, file);
            numbered.apply(ca.crl()).current(NOW.minusSeconds(61), end).writeTo(file);
            assertThatThrownBy(revocation::reload).hasMessageContaining("older CRL");
            numbered.apply(ca.crl()).current(NOW.minusSeconds(59), end).writeTo(file);
            assertThat(revocation.reload()).isTrue();
        }
    }

    @Test
    void anOlderListDoesNotComeBackInTwoStepsEither() throws IOException {
        Path file = ca.crl().number(7).revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, directory);
        Files.delete(file);
        assertThat(verifier.policy().revocation().reload()).isTrue();
        ca.crl().number(6).writeTo(file);
        assertThatThrownBy(() -> verifier.policy().revocation().reload()).hasMessageContaining("older CRL");
        assertThat(refusedBy(verifier, client).rejection().reason()).isEqualTo(Reason.REVOCATION_UNKNOWN);
        ca.crl().number(7).writeTo(file);
        assertThat(verifier.policy().revocation().reload()).isTrue();
        acceptedBy(verifier, client);
    }

    @Test
    void anOlderListBesideTheNewestHarmsNobody() {
        ca.crl().number(7).revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        ChainVerifier verifier = verifier(Mode.HARD_FAIL, directory);
        ca.crl().number(6).writeTo(directory.resolve("b.crl"));
        assertThat(verifier.policy().revocation().reload()).isTrue();
        assertThat(refusedBy(verifier, client).rejection().reason()).isEqualTo(Reason.REVOKED);
    }

    @Test
    void eachKeyAndScopeCountsItsOwnLists() {
        Path file = ca.crl().number(7).writeTo(directory.resolve("a.crl"));
        Revocation revocation = load(Mode.SOFT_FAIL, file);
        IssuingDistributionPoint users = new IssuingDistributionPoint(null, true, false);
        ca.crl().number(3).extension("2.5.29.28", true, users).writeTo(file);
        assertThat(revocation.reload()).isTrue();
        ThrowawayCa.root("Test CA", NOW).crl().number(1).writeTo(file);
        assertThat(revocation.reload()).as("a new key of the same name").isTrue();
        ca.crl().number(2).extension("2.5.29.28", true, users).writeTo(file);
        assertThatThrownBy(revocation::reload).hasMessageContaining("number 3");
    }

    @Test
    void successiveDeltaListsAreOfOneSeries() {
        Path file = ca.crl()
                .number(7)
                .extension("2.5.29.27", true, new ASN1Integer(6))
                .writeTo(directory.resolve("a.crl"));
        Revocation revocation = load(Mode.SOFT_FAIL, file);
        ca.crl().number(6).extension("2.5.29.27", true, new ASN1Integer(5)).writeTo(file);
        assertThatThrownBy(revocation::reload).hasMessageContaining("older CRL");
        ca.crl().number(8).extension("2.5.29.27", true, new ASN1Integer(7)).writeTo(file);
        assertThat(revocation.reload()).isTrue();
    }

    @Test
    void aStartTakesTheListThatIsThere() {
        Path file = ca.crl().number(7).revoke(client.leaf()).writeTo(directory.resolve("a.crl"));
        assertThat(refusedBy(verifier(Mode.HARD_FAIL, file), client).rejection().reason())
                .isEqualTo(Reason.REVOKED);
        ca.crl().number(6).writeTo(file);
        acceptedBy(verifier(Mode.HARD_FAIL, file), client);
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
    void everyChangeIsANewEpoch() {
        ca.crl().writeTo(directory.resolve("a.crl"));
        Revocation revocation = load(Mode.SOFT_FAIL, directory);
        long before = revocation.epoch();
        assertThat(before).isPositive();
        assertThat(revocation.reload()).isFalse();
        assertThat(revocation.epoch()).isEqualTo(before);
        ca.crl().revoke(client.leaf()).writeTo(directory.resolve("b.crl"));
        assertThat(revocation.reload()).isTrue();
        assertThat(revocation.epoch()).isGreaterThan(before);
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

    private ChainVerifier verifier(Mode mode, Path location) {
        return new ChainVerifier(TrustPolicy.strict(anchors(ca)).withRevocation(load(mode, location)), () -> time);
    }

    private static Revocation load(Mode mode, Path location) {
        return Revocation.load(List.of(location), Optional.empty(), mode);
    }
}
