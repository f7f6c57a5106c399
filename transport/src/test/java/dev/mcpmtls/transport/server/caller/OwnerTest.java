// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnerTest {

    private final ThrowawayCa ours = ThrowawayCa.root("Ours");
    private final ThrowawayCa theirs = ThrowawayCa.root("Theirs");
    private final ChainVerifier verifier = new ChainVerifier(
            TrustPolicy.relaxed(new TrustAnchors(List.of(ours.certificate())), Relaxation.UNTRUSTED_ISSUER),
            InstantSource.system());

    private Owner of(Issued issued) {
        return Owner.of(((Verdict.Accepted) verifier.verifyClient(new Chain(issued.chain()))).peer());
    }

    @Test
    void aVerifiedNameStaysTheOwnerWithANewKey() {
        assertThat(of(ours.client("alice"))).isEqualTo(of(ours.client("alice")));
        assertThat(of(ours.client("alice"))).isNotEqualTo(of(ours.client("bob")));
    }

    @Test
    void aNameThatNobodyVouchesForIsOnlyAsGoodAsItsKey() {
        Issued claimed = theirs.client("alice");

        assertThat(of(claimed)).isEqualTo(of(claimed));
        assertThat(of(claimed)).isNotEqualTo(of(theirs.client("alice"))).isNotEqualTo(of(ours.client("alice")));
        assertThat(of(claimed).text()).isNotEqualTo(of(ours.client("alice")).text());
    }
}
