// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.verifier;

import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Misbound;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.cert.X509Certificate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Three authorities, of which one is ours, one is bound and one is additional. */
final class BoundAnchors {

    static final ThrowawayCa OURS = ThrowawayCa.root("Our CA", NOW);
    static final ThrowawayCa PARTNER = ThrowawayCa.root("Partner CA", NOW);
    static final ThrowawayCa ADDITIONAL = ThrowawayCa.root("Additional CA", NOW);
    static final Issued OWN = OURS.server("weather");

    private BoundAnchors() {}

    static TrustAnchors all() {
        return anchors(OURS)
                .and(anchors(PARTNER).boundTo(Misbound.PARTNER.toArray(String[]::new)))
                .and(anchors(ADDITIONAL));
    }

    static TrustAnchors anchors(ThrowawayCa ca, X509Certificate... more) {
        return new TrustAnchors(
                Stream.concat(Stream.of(ca.certificate()), Stream.of(more)).toList());
    }

    static ChainVerifier presenting(Issued own, TrustAnchors anchors) {
        ChainVerifier verifier = verifier(TrustPolicy.strict(anchors));
        verifier.presents(chain(own));
        return verifier;
    }

    static Issued named(ThrowawayCa ca, UnaryOperator<CertificateSpec> names) {
        return ca.client("a", spec -> names.apply(spec.withoutNames()));
    }

    static Issued server(ThrowawayCa ca, UnaryOperator<CertificateSpec> names) {
        return ca.server("a", spec -> names.apply(spec.withoutNames()));
    }
}
