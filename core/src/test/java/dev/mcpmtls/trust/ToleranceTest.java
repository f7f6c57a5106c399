// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.anchors;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Faults of form of private authorities: refused with a remedy that names the tolerance, and accepted with that tolerance only.
 */
class ToleranceTest {

    private static final String SUBJECT_KEY = "2.5.29.14";
    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final ThrowawayCa SOUND = ThrowawayCa.root("Sound CA", NOW);

    private static ThrowawayCa plainRoot(int pathLength) {
        return ThrowawayCa.root(
                "Plain CA",
                NOW,
                spec -> spec.basicConstraints(
                        false, pathLength < 0 ? new BasicConstraints(true) : new BasicConstraints(pathLength)));
    }

    private record Case(ThrowawayCa anchor, Issued client) {}

    private static List<Case> faulty(Tolerance tolerance) {
        return switch (tolerance) {
            case PLAIN_BASIC_CONSTRAINTS -> {
                ThrowawayCa root = plainRoot(-1);
                ThrowawayCa plain =
                        SOUND.intermediate("Plain", spec -> spec.basicConstraints(false, new BasicConstraints(true)));
                yield List.of(new Case(root, root.client("a")), new Case(SOUND, plain.client("a")));
            }
            case NO_KEY_IDENTIFIERS -> {
                ThrowawayCa unnamed = ThrowawayCa.root("Unnamed CA", NOW, spec -> spec.without(SUBJECT_KEY));
                ThrowawayCa team = SOUND.intermediate("Team CA", spec -> spec.without(AUTHORITY_KEY));
                yield List.of(
                        new Case(SOUND, SOUND.client("a", spec -> spec.without(AUTHORITY_KEY))),
                        new Case(unnamed, unnamed.client("a")),
                        new Case(unnamed, unnamed.client("a", spec -> spec.without(AUTHORITY_KEY))),
                        new Case(SOUND, team.client("a")));
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedWithARemedyThatNamesWhatToleratesIt(Tolerance tolerance) {
        for (Case one : faulty(tolerance)) {
            Rejection rejection = refusedBy(strict(one.anchor()), one.client()).rejection();
            assertThat(rejection.tolerance()).contains(tolerance);
            assertThat(rejection.remedy().text())
                    .contains("tls.tolerate: [" + tolerance.text() + "]")
                    .doesNotContain("cert renew", "tls.trust-anchors");
            assertThat(tolerating(one.anchor(), tolerance).examine(Verifying.chain(one.client()), Purpose.CLIENT))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isAcceptedAndVerifiedWhereItIsTolerated(Tolerance tolerance) {
        for (Case one : faulty(tolerance)) {
            Peer peer = acceptedBy(tolerating(one.anchor(), tolerance), one.client());
            assertThat(peer.assurance()).isEqualTo(Assurance.VERIFIED);
            assertThat(peer.wouldReject()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNotToleratedByTheOther(Tolerance tolerance) {
        Tolerance other = Tolerance.values()[1 - tolerance.ordinal()];
        for (Case one : faulty(tolerance)) {
            refusedBy(tolerating(one.anchor(), other), one.client());
        }
    }

    @Test
    void whatPlainBasicConstraintsSayIsStillEnforced() {
        ThrowawayCa flat = plainRoot(0);
        acceptedBy(everything(flat), flat.client("a"));
        assertThat(refusedBy(everything(flat), flat.intermediate("Team CA").client("a"))
                        .rejection()
                        .reason())
                .isEqualTo(Reason.PATH_TOO_LONG);
        refusesIssuer(spec -> spec.basicConstraints(false, new BasicConstraints(false)));
        refusesIssuer(spec -> spec.without("2.5.29.19"));
        refusesIssuer(
                spec -> spec.basicConstraints(false, new BasicConstraints(true)).keyUsage(KeyUsage.cRLSign));
    }

    private static void refusesIssuer(UnaryOperator<CertificateSpec> change) {
        ThrowawayCa team = SOUND.intermediate("Team CA", change);
        assertThat(refusedBy(everything(SOUND), team.client("a")).rejection().reason())
                .isEqualTo(Reason.UNTRUSTED_ISSUER);
    }

    @Test
    void identifiersThatAreThereAreStillCompared() {
        byte[] another = {0x30, 3, (byte) 0x80, 1, 7};
        refusedBy(everything(SOUND), SOUND.client("a", spec -> spec.extension(AUTHORITY_KEY, false, another)));
        ThrowawayCa impostor = ThrowawayCa.root("Sound CA", NOW, spec -> spec.without(SUBJECT_KEY));
        Issued forged = impostor.client("a", spec -> spec.without(AUTHORITY_KEY));
        assertThat(refusedBy(everything(SOUND), forged).rejection().reason()).isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void everyModeTolerates() {
        ThrowawayCa root = plainRoot(-1);
        Issued client = root.client("a");
        TrustPolicy relaxed = TrustPolicy.relaxed(anchors(root), Relaxation.EXPIRED);
        refusedBy(Verifying.verifier(relaxed), client);
        acceptedBy(Verifying.verifier(relaxed.withTolerances(Set.of(Tolerance.PLAIN_BASIC_CONSTRAINTS))), client);
        assertThat(relaxed.withTolerances(Set.of(Tolerance.PLAIN_BASIC_CONSTRAINTS))
                        .withAnchors(anchors(SOUND))
                        .withRevocation(Revocation.none())
                        .withBounds(TrustPolicy.Bounds.DEFAULT)
                        .tolerances())
                .containsExactly(Tolerance.PLAIN_BASIC_CONSTRAINTS);
    }

    @Test
    void aPinnedSideSaysNothingOfItsOwnAnchor() {
        Issued own = SOUND.client("a");
        ChainVerifier pinned = Verifying.verifier(
                TrustPolicy.pinned(Set.of(PublicKeyPin.of(own.leaf().getPublicKey()))));
        assertThat(pinned.examine(Verifying.chain(own), Purpose.CLIENT)).isEmpty();
        Issued late = SOUND.client("a", spec -> spec.valid(NOW.minusSeconds(9), NOW.minusSeconds(1)));
        assertThat(pinned.examine(Verifying.chain(late), Purpose.CLIENT))
                .extracting(Rejection::reason)
                .containsExactly(Reason.EXPIRED);
        assertThat(strict(plainRoot(-1)).examine(Verifying.chain(own), Purpose.CLIENT))
                .isNotEmpty();
    }

    private static ChainVerifier everything(ThrowawayCa anchor) {
        return tolerating(anchor, Tolerance.values());
    }

    private static ChainVerifier tolerating(ThrowawayCa anchor, Tolerance... tolerances) {
        return Verifying.verifier(
                TrustPolicy.strict(anchors(anchor)).withTolerances(EnumSet.copyOf(Arrays.asList(tolerances))));
    }
}
