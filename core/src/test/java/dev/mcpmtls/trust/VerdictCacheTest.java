// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.chain;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictCacheTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private final Issued client = ca.client("mallory");
    private final Chain own = chain(client);
    private final Peer peer = acceptedBy(strict(ca), client);
    private final VerdictCache cache = new VerdictCache();

    @Test
    void doesNotKeepMegabytesOfPaddedChainsOfOnePeer() {
        List<Question> asked = new ArrayList<>();
        for (int padding = 16; padding < 29; padding++) {
            for (int turn = 0; turn < 16; turn++) {
                asked.add(keep(padded(padding, turn)));
            }
        }

        long kept = asked.stream()
                .filter(question -> cache.find(question).isPresent())
                .mapToLong(Question::bytes)
                .sum();
        long total = asked.stream().mapToLong(Question::bytes).sum();
        assertThat(total).isGreaterThan(8 * 1024 * 1024);
        assertThat(kept).isBetween(6L * 1024 * 1024, 8L * 1024 * 1024);
        assertThat(cache.find(asked.get(asked.size() - 1))).isPresent();
        assertThat(cache.find(asked.get(0))).isEmpty();
    }

    @Test
    void keepsPeersAsTheyUsuallyAre() {
        Question usual = keep(own);

        assertThat(cache.find(usual)).isPresent();
    }

    @Test
    void forgetsTheOneUnusedLongestAndOnlyWhenFull() {
        List<Question> asked = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            asked.add(keep(own, "n" + i));
        }
        assertThat(cache.find(asked.get(0))).isPresent();

        Question oneMore = keep(own, "n4096");
        assertThat(cache.find(oneMore)).isPresent();
        assertThat(cache.find(asked.get(0))).isPresent();
        assertThat(cache.find(asked.get(1))).isEmpty();
        assertThat(asked.stream().filter(question -> cache.find(question).isPresent()))
                .hasSize(4095);
    }

    @Test
    void countsWhatItKeepsOnce() {
        Question usual = keep(own);
        Chain large = padded(28, 0);
        Question asked = keep(large);
        for (int i = 0; i < 1000; i++) {
            cache.keep(asked.about(large), peer);
        }
        assertThat(cache.find(usual)).isPresent();
    }

    @Test
    void aPaddedChainIsAcceptedAllTheSame() {
        assertThat(strict(ca).verifyClient(padded(28, 0))).isInstanceOf(Verdict.Accepted.class);
    }

    /** A chain padded with certificates that lead nowhere; they are skipped. */
    private Chain padded(int padding, int turn) {
        List<X509Certificate> certificates = new ArrayList<>(own.certificates());
        for (int i = 0; i < padding; i++) {
            certificates.add(i == turn ? own.leaf() : PADDING);
        }
        return new Chain(certificates);
    }

    private static final X509Certificate PADDING =
            ThrowawayCa.root("Padding " + "x".repeat(800), NOW).certificate();

    private Question keep(Chain presented, String name) {
        return keep(presented, Optional.of(DnsName.parse(name)));
    }

    private Question keep(Chain presented) {
        return keep(presented, Optional.empty());
    }

    private Question keep(Chain presented, Optional<Identity> expected) {
        Question question = Question.of(presented, Purpose.CLIENT, expected);
        cache.keep(question, peer);
        return question;
    }
}
