// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnerTest {

    private final ThrowawayCa ours = ThrowawayCa.root("Ours");
    private final ThrowawayCa theirs = ThrowawayCa.root("Theirs");
    private final ChainVerifier verifier = new ChainVerifier(
            TrustPolicy.relaxed(new TrustAnchors(List.of(ours.certificate())), Relaxation.UNTRUSTED_ISSUER),
            InstantSource.system());

    private Owner of(Issued issued) {
        return Owner.of(peer(issued));
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

    @Test
    void aSubjectIsPartOfTheOwnerWithItsIssuer() {
        Peer peer = peer(ours.client("alice"));
        Owner alone = Owner.of(peer);
        Owner alices = with(peer, "https://login.test", "alice");

        assertThat(with(peer, "https://login.test", "alice")).isEqualTo(alices);
        assertThat(alices.identity()).isEqualTo(alone.identity());
        assertThat(alices.ofCertificate()).isEqualTo(alone).isEqualTo(alone.ofCertificate());
        assertThat(alices.hasCertificateOf(with(peer, "https://login.test", "bob")))
                .isTrue();
        assertThat(alices.hasCertificateOf(with(peer(ours.client("bob")), "https://login.test", "alice")))
                .isFalse();
        assertThat(List.of(
                        alone,
                        alices,
                        with(peer, "https://login.test", "bob"),
                        with(peer, "https://other.test", "alice"),
                        with(peer(ours.client("bob")), "https://login.test", "alice"),
                        with(peer, "https://login.test alice", ""),
                        with(peer, "https://login.test%0020alice", ""),
                        with(peer, "https://login.test", " alice"),
                        with(peer, "https://login.test", "\ud800"),
                        with(peer, "https://login.test", "?")))
                .extracting(Owner::text)
                .doesNotHaveDuplicates()
                .allMatch(text -> text.matches("[ -~]+"));
    }

    private Peer peer(Issued issued) {
        return ((Verdict.Accepted) verifier.verifyClient(new Chain(issued.chain()))).peer();
    }

    private static Owner with(Peer peer, String issuer, String subject) {
        AccessToken token = new AccessToken(issuer, subject, Optional.empty(), Set.of(), Instant.EPOCH, true);
        ConnectionFacts facts = new ConnectionFacts(
                "0123456789abcdef",
                ConnectionFacts.Side.SERVER,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1024),
                Optional.empty());
        return Owner.of(new Caller(peer, facts, Optional.of(token)));
    }
}
