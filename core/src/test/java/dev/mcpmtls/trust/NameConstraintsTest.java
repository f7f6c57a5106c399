// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.cert.CertificateException;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One constraint in the anchor, one name in the leaf, both ways round. */
class NameConstraintsTest {

    private static final List<Integer> KINDS = List.of(
            GeneralName.dNSName,
            GeneralName.uniformResourceIdentifier,
            GeneralName.rfc822Name,
            GeneralName.iPAddress,
            GeneralName.directoryName);

    @ParameterizedTest
    @CsvSource({
        "2, example.com, example.com, true",
        "2, EXAMPLE.com, example.COM, true",
        "2, example.com, a.b.example.com, true",
        "2, example.com, badexample.com, false",
        "2, a.example.com, example.com, false",
        "2, example.com, *.example.com, true",
        "6, a.local, https://a.local/x, true",
        "6, a.local, https://user@a.local:8443/x, true",
        "6, a.local, https://b.a.local/x, false",
        "6, .a.local, https://b.a.local/x, true",
        "6, .a.local, https://a.local/x, false",
        "1, a@example.com, a@EXAMPLE.com, true",
        "1, a@example.com, A@example.com, false",
        "1, example.com, a@example.com, true",
        "1, example.com, a@b.example.com, false",
        "1, .example.com, a@b.example.com, true",
        "1, .example.com, a@example.com, false",
        "7, 192.0.2.0/24, 192.0.2.255, true",
        "7, 192.0.2.0/24, 192.0.3.0, false",
        "7, 192.0.2.128/25, 192.0.2.127, false",
        "7, 2001:db8::/33, 2001:db8:7fff::1, true",
        "7, 2001:db8::/33, 2001:db8:8000::1, false",
        "4, O=Demo, 'O=Demo,CN=a', true",
        "4, O=Demo, 'O=demo,CN=a', true",
        "4, 'O=Demo,CN=a', O=Demo, false",
        "4, O=De mo, 'O=DE  MO,CN=a', true",
        "4, O=Demo+OU=x, 'OU=X+O=demo,CN=a', true",
        "4, O=Demo+OU=x, 'O=demo,CN=a', false",
        "4, 'DC=Example', 'DC=example,CN=a', true",
        "4, 'O=a\\+b', 'O=a\\+b,CN=a', true",
        "4, O=Demo, CN=a, false",
        "4, O=Demo, CN=Demo, false"
    })
    void aNameInsideIsPermittedAndNotExcludable(int kind, String constraint, String name, boolean inside) {
        GeneralName base = general(kind, constraint);
        UnaryOperator<CertificateSpec> leaf = spec -> kind == GeneralName.directoryName
                ? spec.withoutNames().subject(name)
                : spec.withoutNames().subject("CN=x").name(general(kind, name));
        assertThat(isAccepted(permitted(base), leaf)).as("permitted").isEqualTo(inside);
        assertThat(isAccepted(excluded(base), leaf)).as("excluded").isEqualTo(!inside);
    }

    @Test
    void aConstraintOfOneKindSaysNothingAboutAnother() {
        for (int kind : KINDS) {
            GeneralName base = general(kind, kind == 7 ? "198.51.100.0/24" : kind == 4 ? "CN=other" : "other.example");
            UnaryOperator<CertificateSpec> leaf = spec -> spec.withoutNames()
                    .subject("CN=x")
                    .name(kind == 2 ? general(7, "192.0.2.1") : general(2, "example.com"));
            assertThat(isAccepted(excluded(base), leaf))
                    .as("excluded, kind %d", kind)
                    .isTrue();
            assertThat(isAccepted(permitted(base), leaf))
                    .as("permitted, kind %d", kind)
                    .isEqualTo(kind != 4);
        }
    }

    @Test
    void aWildcardTouchesWhatItCouldStandFor() {
        UnaryOperator<CertificateSpec> leaf = spec -> spec.withoutNames().dns("*.example.com");
        assertThat(isAccepted(excluded(general(2, "secret.example.com")), leaf)).isFalse();
        assertThat(isAccepted(excluded(general(2, "a.secret.example.com")), leaf))
                .isTrue();
        assertThat(isAccepted(excluded(general(2, "secret.example.org")), leaf)).isTrue();
        assertThat(isAccepted(permitted(general(2, "secret.example.com")), leaf))
                .isFalse();
    }

    @Test
    void aUriWithoutHostIsNeitherPermittedNorOverlooked() {
        UnaryOperator<CertificateSpec> leaf = spec -> spec.withoutNames().uri("urn:example:x");
        assertThat(isAccepted(permitted(general(6, "a.local")), leaf)).isFalse();
        assertThat(isAccepted(excluded(general(6, "a.local")), leaf)).isFalse();
        UnaryOperator<CertificateSpec> address = spec -> spec.withoutNames().uri("https://192.0.2.1/");
        assertThat(isAccepted(excluded(general(6, "a.local")), address)).isFalse();
    }

    @Test
    void anAddressOfOneFamilyIsOutsideTheOther() {
        UnaryOperator<CertificateSpec> leaf = spec -> spec.withoutNames().ip("2001:db8::1");
        assertThat(isAccepted(permitted(general(7, "0.0.0.0/0")), leaf)).isFalse();
        assertThat(isAccepted(excluded(general(7, "0.0.0.0/0")), leaf)).isTrue();
    }

    @Test
    void aLeafWithoutSubjectHasNoDirectoryName() {
        UnaryOperator<CertificateSpec> leaf = spec -> spec.subject("").alternativeNames(true);
        assertThat(isAccepted(permitted(general(4, "O=Demo")), leaf)).isTrue();
    }

    @Test
    void aNameOfAnotherKindMattersOnlyBesideMailboxes() {
        UnaryOperator<CertificateSpec> leaf = spec -> spec.name(general(GeneralName.registeredID, "1.2.3"));
        assertThat(isAccepted(excluded(general(2, "example.com")), leaf)).isTrue();
        assertThat(isAccepted(excluded(general(1, "example.com")), leaf)).isFalse();
        assertThat(isAccepted(permitted(general(1, "example.com")), leaf)).isFalse();
    }

    @Test
    void aMailboxThatIsNoneIsNotInside() {
        Verdict verdict =
                verdict(permitted(general(1, "example.com")), spec -> spec.name(general(1, "a@b@example.com")));
        assertThat(Verifying.refused(verdict).findings())
                .extracting(Rejection::reason)
                .contains(Reason.NAME_CONSTRAINT_VIOLATED);
    }

    @Test
    void anEmptyConstraintMeansEveryNameOfItsKind() {
        UnaryOperator<CertificateSpec> leaf = spec -> spec.withoutNames().dns("example.com");
        assertThat(isAccepted(permitted(general(2, "")), leaf)).isTrue();
        assertThat(isAccepted(excluded(general(2, "")), leaf)).isFalse();
    }

    @Test
    void theMailboxInASubjectIsAMailboxWhereThereIsNoOtherName() {
        UnaryOperator<CertificateSpec> leaf = spec -> spec.withoutNames().subject("E=a@example.com,CN=x");
        assertThat(isAccepted(excluded(general(1, "example.com")), leaf)).isFalse();
        assertThat(isAccepted(excluded(general(1, "example.org")), leaf)).isTrue();
    }

    @Test
    void malformedConstraintsAreRefused() {
        GeneralName holes =
                new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[] {10, 0, 0, 0, -1, 0, -1, 0}));
        List<GeneralName> malformed = List.of(
                holes,
                new GeneralName(
                        GeneralName.iPAddress, new DEROctetString(new byte[] {10, 0, 0, 0, -1, (byte) 0xa0, 0, 0})),
                general(6, "."),
                general(2, ".example.com"),
                general(2, "*.example.com"),
                general(2, "8.8.8.8"),
                general(1, "a@b@example.com"),
                general(1, "@example.com"),
                general(1, "a@"),
                general(1, "a@exa mple.com"));
        int judged = 0;
        for (GeneralName base : malformed) {
            try {
                assertThat(reason(permitted(base), spec -> spec))
                        .as("%s", base)
                        .isEqualTo(Reason.MALFORMED_CERTIFICATE);
                judged++;
            } catch (IllegalStateException e) {
                assertThat(e).as("the platform's parser").hasCauseInstanceOf(CertificateException.class);
            }
        }
        assertThat(judged).isGreaterThanOrEqualTo(5);
    }

    @Test
    void constraintsThatNoneCouldCompareInTimeAreRefused() {
        GeneralSubtree[] many = new GeneralSubtree[300];
        for (int i = 0; i < many.length; i++) {
            many[i] = new GeneralSubtree(general(2, "d" + i + ".example"));
        }
        UnaryOperator<CertificateSpec> leaf = spec -> {
            for (int i = 0; i < 70; i++) {
                spec.dns("n" + i + ".example.com");
            }
            return spec;
        };
        assertThat(reason(new NameConstraints(null, many), leaf)).isEqualTo(Reason.NAME_CONSTRAINT_VIOLATED);
        assertThat(isAccepted(new NameConstraints(null, many), spec -> spec)).isTrue();
    }

    @Test
    void comparesTwentyThousandTimes() {
        ParsedCertificate leaf = new ParsedCertificate(ThrowawayCa.root("Test CA", NOW)
                .client("x", spec -> {
                    for (int i = 0; i < 98; i++) {
                        spec.dns("n" + i + ".example.com"); // with subject and SPIFFE ID, a hundred names
                    }
                    return spec;
                })
                .leaf());
        assertThat(excluding(200).firstViolation(leaf)).isEmpty();
        assertThat(excluding(201).firstViolation(leaf)).contains("more names than can be compared");
    }

    private static dev.mcpmtls.trust.NameConstraints excluding(int subtrees) {
        Subtree one = new Subtree(Subtree.Kind.DNS, "example.org", new byte[0], DirectoryName.EMPTY);
        return new dev.mcpmtls.trust.NameConstraints(List.of(), Collections.nCopies(subtrees, one));
    }

    private static boolean isAccepted(NameConstraints constraints, UnaryOperator<CertificateSpec> leaf) {
        Verdict verdict = verdict(constraints, leaf);
        if (verdict instanceof Verdict.Rejected rejected) {
            assertThat(rejected.rejection()).isInstanceOf(PathRejection.NameConstraintViolated.class);
        }
        return verdict instanceof Verdict.Accepted;
    }

    private static Reason reason(NameConstraints constraints, UnaryOperator<CertificateSpec> leaf) {
        return Verifying.refused(verdict(constraints, leaf)).rejection().reason();
    }

    private static Verdict verdict(NameConstraints constraints, UnaryOperator<CertificateSpec> leaf) {
        ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW, spec -> spec.extension("2.5.29.30", true, constraints));
        return Verifying.strict(ca).verifyClient(Verifying.chain(ca.client("x", leaf)));
    }

    private static NameConstraints permitted(GeneralName base) {
        return new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(base)}, null);
    }

    private static NameConstraints excluded(GeneralName base) {
        return new NameConstraints(null, new GeneralSubtree[] {new GeneralSubtree(base)});
    }

    private static GeneralName general(int kind, String text) {
        return kind == GeneralName.directoryName ? new GeneralName(new X500Name(text)) : new GeneralName(kind, text);
    }
}
