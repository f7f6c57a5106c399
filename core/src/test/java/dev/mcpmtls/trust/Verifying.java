// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.time.Instant;
import java.util.List;

/** The helpers that the trust tests share. */
final class Verifying {

    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private Verifying() {}

    static ChainVerifier strict(ThrowawayCa anchor) {
        return verifier(TrustPolicy.strict(anchors(anchor)));
    }

    static ChainVerifier verifier(TrustPolicy policy) {
        return new ChainVerifier(policy, () -> NOW);
    }

    static TrustAnchors anchors(ThrowawayCa anchor) {
        return new TrustAnchors(List.of(anchor.certificate()));
    }

    static Chain chain(Issued issued) {
        return new Chain(issued.chain());
    }

    static Peer acceptedBy(ChainVerifier verifier, Issued client) {
        Verdict verdict = verifier.verifyClient(chain(client));
        assertThat(verdict).as("%s", verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).peer();
    }

    static Verdict.Rejected refusedBy(ChainVerifier verifier, Issued client) {
        return refused(verifier.verifyClient(chain(client)));
    }

    static Verdict.Rejected refused(Verdict verdict) {
        assertThat(verdict).as("%s", verdict).isInstanceOf(Verdict.Rejected.class);
        return (Verdict.Rejected) verdict;
    }
}
