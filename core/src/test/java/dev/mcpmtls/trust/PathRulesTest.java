// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.tlv;
import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.anchors;
import static dev.mcpmtls.trust.Verifying.refused;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checks between neighbours. */
class PathRulesTest {

    private static final String AUTHORITY_KEY = "2.5.29.35";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final String POLICIES = "2.5.29.32";
    private static final String POLICY_CONSTRAINTS = "2.5.29.36";

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);

    @Test
    void theKeyThatIsNamedIsTheIssuers() throws Exception {
        acceptedBy(strict(ca), naming(ca, key(ca)));
        assertNamesAnother(naming(ca, key(ThrowawayCa.root("Test CA", NOW))));
    }

    @Test
    void theCertificateThatIsNamedIsTheIssuers() throws Exception {
        ThrowawayCa team = ca.intermediate("Team CA");
        acceptedBy(strict(ca), naming(team, key(team), issuer("CN=Test CA"), serial(team)));
        assertNamesAnother(naming(team, key(team), issuer("CN=Test CA"), serial(ca)));
        assertNamesAnother(naming(team, key(team), issuer("CN=Team CA"), serial(team)));
        byte[] elsewhere = tlv(0xa1, tlv(0x82, new byte[] {'a'}));
        assertNamesAnother(naming(team, key(team), elsewhere, serial(team)));
        assertNamesAnother(naming(team, key(team), tlv(0xa1), serial(team)));
    }

    @Test
    void whoNamesAnotherCertificateIsAnUntrustedIssuersAndMayBeRelaxed() throws Exception {
        Issued other = naming(ca, key(ca), issuer("CN=Nobody"), serial(ca));
        ChainVerifier relaxed = Verifying.verifier(TrustPolicy.relaxed(anchors(ca), Relaxation.UNTRUSTED_ISSUER));
        assertThat(acceptedBy(relaxed, other).assurance()).isEqualTo(Assurance.CLAIMED);
    }

    @Test
    void onlyAKeyThatSignedItselfGoesUnnamed() {
        Issued namesake = ca.client("x", spec -> spec.subject("CN=Test CA").without(AUTHORITY_KEY));
        assertThat(refusedBy(strict(ca), namesake).rejection().explain()).contains("no authority key identifier");
        acceptedBy(strict(ca), ca.client("x", spec -> spec.subject("CN=Test CA")));
        Issued selfSigned = ca.client("x", spec -> spec.selfSigned().without(AUTHORITY_KEY));
        assertThat(refusedBy(strict(ca), selfSigned).findings())
                .noneMatch(finding -> finding.explain().contains("no authority key identifier"));
    }

    @Test
    void aRolledOverKeyDoesNotCountAgainstALimit() {
        ThrowawayCa flat = ThrowawayCa.root("Flat CA", NOW, spec -> spec.ca(0));
        ThrowawayCa rolledOver = flat.intermediate("Flat CA");
        acceptedBy(strict(flat), withIssuer(rolledOver, rolledOver.client("a")));
        ThrowawayCa another = flat.intermediate("Another CA");
        assertThat(refusedBy(strict(flat), another.client("a")).rejection())
                .isEqualTo(new PathRejection.PathTooLong("CN=Flat CA", 0));
        ChainVerifier bounded =
                Verifying.verifier(TrustPolicy.strict(anchors(flat)).withBounds(new TrustPolicy.Bounds(1, 64 * 1024)));
        acceptedBy(bounded, withIssuer(rolledOver, rolledOver.client("a")));
    }

    @Test
    void namesOfAuthoritiesAreConstrainedUnlessTheyAreTheConstrainersOwn() {
        ThrowawayCa constrained = ThrowawayCa.root(
                "Constrained CA",
                NOW,
                spec -> spec.extension(
                        "2.5.29.30",
                        true,
                        new NameConstraints(
                                new GeneralSubtree[] {new GeneralSubtree(new GeneralName(new X500Name("O=Demo")))},
                                null)));
        acceptedBy(strict(constrained), constrained.client("a", PathRulesTest::inside));
        assertViolation(strict(constrained), constrained.client("a"), "DIRECTORY:CN=a");
        ThrowawayCa rolledOver = constrained.intermediate("Constrained CA");
        acceptedBy(strict(constrained), withIssuer(rolledOver, rolledOver.client("a", PathRulesTest::inside)));
        ThrowawayCa outside = constrained.intermediate("Team CA");
        assertViolation(strict(constrained), outside.client("a", PathRulesTest::inside), "DIRECTORY:CN=Team CA");
        Issued namesake = constrained.client("a", spec -> spec.subject("CN=Constrained CA"));
        assertViolation(strict(constrained), namesake, "DIRECTORY:CN=Constrained CA");
    }

    @Test
    void policiesAreForThePlatformToJudge() {
        ThrowawayCa team = ca.intermediate(
                "Team CA",
                spec -> policies(spec).extension(POLICY_CONSTRAINTS, true, new byte[] {0x30, 3, (byte) 0x80, 1, 0}));
        acceptedBy(strict(ca), team.client("a", PathRulesTest::policies));
        Rejection rejection = refusedBy(strict(ca), team.client("a")).rejection();
        assertThat(rejection.reason()).isEqualTo(Reason.INVALID_PATH);
        assertThat(rejection.explain()).contains("Java platform", "certificate policies");
        assertThat(rejection.remedy().text()).doesNotContain("trust-anchors");
        assertThat(refused(strict(ca).verifyServer(Verifying.chain(team.server("a")), DnsName.parse("other")))
                        .findings())
                .extracting(Rejection::reason)
                .containsExactly(Reason.INVALID_PATH, Reason.NAME_MISMATCH);
        ChainVerifier relaxed = Verifying.verifier(TrustPolicy.relaxed(anchors(ca), Relaxation.UNTRUSTED_ISSUER));
        assertThat(refusedBy(relaxed, team.client("a")).rejection().reason()).isEqualTo(Reason.INVALID_PATH);
    }

    @ParameterizedTest
    @CsvSource({
        "2, example.com, planner, false",
        "2, example.com, planner.example.org, false",
        "2, example.com, example.com, false",
        "2, example.org, planner.example.org, true",
        "7, 192.0.2.0/24, 198.51.100.7, false",
        "7, 192.0.2.0/24, 192.0.2.7, true",
        "7, 2001:db8::/32, 2001:db9::1, false"
    })
    void aCommonNameIsNoHostNameWhateverItLooksLike(int kind, String base, String commonName, boolean excluded) {
        NameConstraints limits = excluded ? excluded(kind, base) : permitted(kind, base);
        ThrowawayCa team = ca.intermediate("team-ca", spec -> spec.extension(NAME_CONSTRAINTS, true, limits));
        acceptedBy(strict(ca), team.client("a", spec -> spec.subject("CN=" + commonName)));
        acceptedBy(strict(ca), team.client("a", spec -> spec.withoutNames().subject("CN=" + commonName)));
        acceptedBy(
                strict(ca),
                team.client(
                        "a",
                        spec -> spec.name(new GeneralName(GeneralName.rfc822Name, "a@b.example"))
                                .subject("CN=" + commonName)));
        acceptedBy(strict(ca), team.intermediate(commonName).client("a"));
        ThrowawayCa root = ThrowawayCa.root("root-ca", NOW, spec -> spec.extension(NAME_CONSTRAINTS, true, limits));
        acceptedBy(strict(root), root.client("a", spec -> spec.subject("CN=" + commonName)));
        GeneralName outside =
                new GeneralName(kind, kind == GeneralName.dNSName ? "elsewhere.example.org" : "203.0.113.1");
        if (!excluded) {
            assertThat(refusedBy(strict(ca), team.client("a", spec -> spec.name(outside)))
                            .rejection()
                            .reason())
                    .isEqualTo(Reason.NAME_CONSTRAINT_VIOLATED);
        }
    }

    @Test
    void aPermittedNameIsTheSameInAnotherKindOfString() {
        byte[] bmp = tlv(
                0x30,
                tlv(
                        0x31,
                        tlv(
                                0x30,
                                tlv(0x06, new byte[] {0x55, 4, 10}),
                                tlv(0x1e, "\0D\0e\0m\0o".getBytes(StandardCharsets.US_ASCII)))));
        ThrowawayCa team = ca.intermediate(
                "team-ca",
                spec -> spec.extension(NAME_CONSTRAINTS, true, tlv(0x30, tlv(0xa0, tlv(0x30, tlv(0xa4, bmp))))));
        acceptedBy(strict(ca), team.client("a", PathRulesTest::inside));
        assertViolation(strict(ca), team.client("a"), "DIRECTORY:CN=a");
    }

    @Test
    void policiesAreProcessedUnderConstraintsOnHostNamesToo() {
        ThrowawayCa team = ca.intermediate(
                "team-ca",
                spec -> policies(spec)
                        .extension(POLICY_CONSTRAINTS, true, new byte[] {0x30, 3, (byte) 0x80, 1, 0})
                        .extension(NAME_CONSTRAINTS, true, permitted(GeneralName.dNSName, "example.com")));
        acceptedBy(strict(ca), team.client("planner", PathRulesTest::policies));
        assertThat(refusedBy(strict(ca), team.client("planner")).rejection().reason())
                .isEqualTo(Reason.INVALID_PATH);
    }

    private static NameConstraints permitted(int kind, String base) {
        return new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(new GeneralName(kind, base))}, null);
    }

    private static NameConstraints excluded(int kind, String base) {
        return new NameConstraints(null, new GeneralSubtree[] {new GeneralSubtree(new GeneralName(kind, base))});
    }

    private static CertificateSpec policies(CertificateSpec spec) {
        byte[] one = tlv(0x30, tlv(0x30, tlv(0x06, new byte[] {0x2a, 3, 4})));
        return spec.extension(POLICIES, false, one);
    }

    private static CertificateSpec inside(CertificateSpec spec) {
        return spec.subject("O=Demo,CN=a");
    }

    /** The test kit treats a self-issued authority as a root and omits it. */
    private static Issued withIssuer(ThrowawayCa issuer, Issued issued) {
        return issued.withChain(issued.leaf(), issuer.certificate());
    }

    private static void assertViolation(ChainVerifier verifier, Issued client, String name) {
        assertThat(refusedBy(verifier, client).rejection())
                .isInstanceOfSatisfying(
                        PathRejection.NameConstraintViolated.class,
                        violation -> assertThat(violation.name()).isEqualTo(name));
    }

    private void assertNamesAnother(Issued client) {
        assertThat(refusedBy(strict(ca), client).rejection())
                .isInstanceOfSatisfying(
                        PathRejection.UntrustedIssuer.class,
                        finding -> assertThat(finding.why()).contains("names another key, or another certificate"));
    }

    private static Issued naming(ThrowawayCa issuer, byte[]... parts) {
        return issuer.client("a", spec -> spec.extension(AUTHORITY_KEY, false, tlv(0x30, parts)));
    }

    private static byte[] key(ThrowawayCa authority) throws Exception {
        return tlv(
                0x80,
                new JcaX509ExtensionUtils()
                        .createSubjectKeyIdentifier(authority.certificate().getPublicKey())
                        .getKeyIdentifier());
    }

    private static byte[] issuer(String name) throws Exception {
        return tlv(0xa1, tlv(0xa4, new X500Name(name).getEncoded("DER")));
    }

    private static byte[] serial(ThrowawayCa authority) {
        X509Certificate certificate = authority.certificate();
        return tlv(0x82, certificate.getSerialNumber().toByteArray());
    }
}
