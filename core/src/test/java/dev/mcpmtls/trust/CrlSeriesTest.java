// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.testkit.ThrowawayCrl;
import dev.mcpmtls.trust.Revocation.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.junit.jupiter.api.Test;

/** CRL files that are read again: newer lists count, older ones never bring a revoked peer back. */
class CrlSeriesTest extends RevocationFixture {

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
}
