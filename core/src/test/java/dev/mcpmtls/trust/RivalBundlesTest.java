// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.BoundAnchors.OURS;
import static dev.mcpmtls.trust.BoundAnchors.OWN;
import static dev.mcpmtls.trust.BoundAnchors.anchors;
import static dev.mcpmtls.trust.BoundAnchors.named;
import static dev.mcpmtls.trust.BoundAnchors.presenting;
import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName;
import dev.mcpmtls.trust.PathRejection.IssuerNotAllowedForName.Limit;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bundles that say by themselves that they are for a trust domain that another file is for, too. */
class RivalBundlesTest {

    private final ThrowawayCa real = ThrowawayCa.root("Partner CA", NOW);
    private final ThrowawayCa rival = ThrowawayCa.root("Rival CA", NOW);
    private final Issued ofReal = named(real, spec -> spec.uri("spiffe://partner.example/agent/a"));
    private final Issued ofRival = named(rival, spec -> spec.uri("spiffe://partner.example/agent/a"));

    @Test
    void yieldToWhatTheUserBinds() {
        ChainVerifier verifier = presenting(
                OWN,
                anchors(OURS)
                        .and(bundle("rival.json", rival.certificate()))
                        .and(anchors(real).boundTo("spiffe://partner.example/**")));
        acceptedBy(verifier, ofReal);
        assertLimit(verifier, ofRival, Limit.NAME_OF_ANOTHER);
        assertThat(verifier.anchorsToBind()).isEmpty();
    }

    @Test
    void keepWhatTheUserBindsToNoOther() {
        ChainVerifier verifier = presenting(
                OWN,
                anchors(OURS)
                        .and(bundle("rival.json", rival.certificate()))
                        .and(anchors(real).boundTo("spiffe://partner.example/server/**")));
        acceptedBy(verifier, ofRival);
        refusedBy(verifier, named(rival, spec -> spec.uri("spiffe://partner.example/server/a")));
        acceptedBy(verifier, named(real, spec -> spec.uri("spiffe://partner.example/server/a")));
    }

    @Test
    void vouchThroughTheAnchorsOfBothAlone() {
        ThrowawayCa shared = ThrowawayCa.root("Shared CA", NOW);
        ChainVerifier verifier = presenting(
                OWN,
                anchors(OURS)
                        .and(bundle("one.json", real.certificate(), shared.certificate()))
                        .and(bundle("two.json", rival.certificate(), shared.certificate())));
        acceptedBy(verifier, named(shared, spec -> spec.uri("spiffe://partner.example/agent/a")));
        assertLimit(verifier, ofReal, Limit.NAME_OF_TWO_BUNDLES);
        assertLimit(verifier, ofRival, Limit.NAME_OF_TWO_BUNDLES);
        assertThat(verifier.anchorsToBind())
                .extracting(AnchorSet::needsBinding)
                .allSatisfy(advice -> assertThat(advice).contains("two bundles of a trust domain"));
        assertThat(verifier.anchorsToBind())
                .extracting(AnchorSet::lineToBind)
                .containsExactly(
                        "bind them in tls.trust-anchors: {file: one.json, for: [\"spiffe://partner.example/**\"]}",
                        "bind them in tls.trust-anchors: {file: two.json, for: [\"spiffe://partner.example/**\"]}");
        assertThat(refusedBy(verifier, ofReal).rejection().remedy().text())
                .contains("remove one of the two bundles", "one.json", "spiffe://partner.example/**");
    }

    @Test
    void ofTheSameRootsAreOne() {
        ChainVerifier verifier = presenting(
                OWN,
                anchors(OURS).and(bundle("one.json", real.certificate())).and(bundle("two.json", real.certificate())));
        acceptedBy(verifier, ofReal);
        assertThat(verifier.anchorsToBind()).isEmpty();
    }

    @Test
    void keepOthersFromTheirTrustDomain() {
        ThrowawayCa additional = ThrowawayCa.root("Additional CA", NOW);
        ChainVerifier verifier = presenting(
                OWN,
                anchors(OURS)
                        .and(bundle("one.json", real.certificate()))
                        .and(bundle("two.json", rival.certificate()))
                        .and(anchors(additional)));
        refusedBy(verifier, named(additional, spec -> spec.uri("spiffe://partner.example/agent/a")));
        acceptedBy(verifier, OURS.client("a"));
    }

    private static void assertLimit(ChainVerifier verifier, Issued client, Limit limit) {
        assertThat(refusedBy(verifier, client).rejection())
                .isInstanceOfSatisfying(
                        IssuerNotAllowedForName.class,
                        finding -> assertThat(finding.limit()).isEqualTo(limit));
    }

    private static TrustAnchors bundle(String file, X509Certificate... roots) {
        return new TrustAnchors(
                List.of(new AnchorSet(
                        file,
                        List.of(roots),
                        List.of(AnchorSet.name("spiffe://partner.example/**")),
                        Optional.empty(),
                        true)),
                Optional.empty());
    }
}
