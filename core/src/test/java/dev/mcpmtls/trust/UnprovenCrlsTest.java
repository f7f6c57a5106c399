// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.anchors;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.testkit.ThrowawayCrl;
import dev.mcpmtls.trust.Revocation.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

/** CRLs that are not proved to be the issuer's. */
class UnprovenCrlsTest extends RevocationFixture {

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
}
