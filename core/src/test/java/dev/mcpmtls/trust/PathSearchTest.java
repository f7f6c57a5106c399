// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static dev.mcpmtls.trust.Verifying.acceptedBy;
import static dev.mcpmtls.trust.Verifying.refusedBy;
import static dev.mcpmtls.trust.Verifying.strict;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.Keys;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PathSearchTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);
    private final List<List<ParsedCertificate>> judged = new ArrayList<>();

    @Test
    void findsTheGoodWayAmongBadOnesOfTheSameNameAndKey() {
        KeyPair keys = Keys.ec();
        ThrowawayCa good = ca.intermediate("Team CA", spec -> spec.keys(keys));
        X509Certificate late = ca.intermediate(
                        "Team CA", spec -> spec.keys(keys).valid(NOW.minus(Duration.ofDays(2)), NOW.minusSeconds(1)))
                .certificate();
        X509Certificate foreign = ThrowawayCa.root("Other CA", NOW)
                .intermediate("Team CA", spec -> spec.keys(keys))
                .certificate();
        Issued client = good.client("a");
        acceptedBy(strict(ca), client.withChain(client.leaf(), late, foreign, good.certificate()));
        assertThat(refusedBy(strict(ca), client.withChain(client.leaf(), foreign, late))
                        .rejection()
                        .reason())
                .isEqualTo(Reason.EXPIRED);
    }

    @Test
    void acceptsCertificatesInAnyOrder() {
        Issued client = ca.intermediate("A").intermediate("B").intermediate("C").client("a");
        List<X509Certificate> rest =
                new ArrayList<>(client.chain().subList(1, client.chain().size()));
        Collections.shuffle(rest, new Random(7));
        acceptedBy(strict(ca), client.withChain(client.leaf()).withMore(rest.toArray(new X509Certificate[0])));
    }

    @Test
    void copiesOfACertificateSpendNothing() throws Exception {
        KeyPair keys = Keys.ec();
        ThrowawayCa good = ca.intermediate("Team CA", spec -> spec.keys(keys));
        byte[] foreign = ThrowawayCa.root("Other CA", NOW)
                .intermediate("Team CA", spec -> spec.keys(keys))
                .certificate()
                .getEncoded();
        List<byte[]> presented = new ArrayList<>(List.of(good.client("a").leaf().getEncoded()));
        presented.addAll(Collections.nCopies(100, foreign));
        presented.add(good.certificate().getEncoded());
        assertThat(strict(ca).verifyClient(Chain.parse(presented))).isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void signaturesAreVerifiedOnlySoOften() {
        KeyPair keys = Keys.ec();
        ThrowawayCa good = ca.intermediate("Team CA", spec -> spec.keys(keys));
        ThrowawayCa other = ThrowawayCa.root("Other CA", NOW);
        for (int foreign : new int[] {30, 63}) {
            List<X509Certificate> presented = new ArrayList<>();
            for (int i = 0; i < foreign; i++) {
                presented.add(
                        other.intermediate("Team CA", spec -> spec.keys(keys)).certificate());
            }
            presented.add(good.certificate());
            Issued client = good.client("a");
            Issued hostile = client.withChain(client.leaf()).withMore(presented.toArray(new X509Certificate[0]));
            Verdict verdict = strict(ca).verifyClient(Verifying.chain(hostile));
            assertThat(verdict).isInstanceOf(foreign == 30 ? Verdict.Accepted.class : Verdict.Rejected.class);
        }
    }

    @Test
    void takesAsManyIntermediatesAsTheBoundSays() {
        TrustPolicy three = TrustPolicy.strict(Verifying.anchors(ca)).withBounds(new TrustPolicy.Bounds(3, 64 * 1024));
        ChainVerifier verifier = Verifying.verifier(three);
        ThrowawayCa second = ca.intermediate("A").intermediate("B");
        acceptedBy(verifier, second.client("a"));
        Rejection above =
                refusedBy(verifier, second.intermediate("C").client("a")).rejection();
        assertThat(above).isEqualTo(new PathRejection.PathAboveBound("spiffe://demo.local/agent/a", 3));
        assertThat(above.explain()).contains("tls.chain.max-length allows 3 certificates");
        assertThat(above.remedy().text()).contains("tls.chain.max-length");
    }

    @Test
    void boundsTheWayAndNotWhatIsPresentedBesideIt() {
        TrustPolicy two = TrustPolicy.strict(Verifying.anchors(ca)).withBounds(new TrustPolicy.Bounds(2, 64 * 1024));
        ChainVerifier verifier = Verifying.verifier(two);
        ThrowawayCa team = ca.intermediate("Team CA");
        X509Certificate[] unused = IntStream.range(0, 12)
                .mapToObj(i -> ca.intermediate("Unused CA " + i).certificate())
                .toArray(X509Certificate[]::new);
        acceptedBy(verifier, team.client("a").withMore(unused));
        Issued further = team.intermediate("Further CA").client("a");
        assertThat(refusedBy(verifier, further.withMore(unused)).rejection().reason())
                .isEqualTo(Reason.PATH_TOO_LONG);
    }

    @Test
    void judgesNoMoreOnceAWayIsGood() {
        X509Certificate renewed = renewed(ca);
        search(List.of(ca.client("a").leaf()), List.of(ca.certificate(), renewed), List.of());
        assertThat(judged).hasSize(1);
        judged.clear();
        ThrowawayCa team = ca.intermediate("Team CA");
        search(
                List.of(team.client("a").leaf(), team.certificate(), ca.crossSign(team)),
                List.of(ca.certificate()),
                List.of());
        assertThat(judged).hasSize(1);
    }

    @Test
    void keepsTheFirstAmongWaysThatAreEquallyBad() {
        X509Certificate renewed = renewed(ca);
        PathSearch.Candidate best = search(
                List.of(ca.client("a").leaf()),
                List.of(ca.certificate(), renewed),
                List.of(new KeyRejection.WeakKey("x", "RSA 512")));
        assertThat(judged).hasSize(2);
        assertThat(best.certificates()).last().isEqualTo(new ParsedCertificate(ca.certificate()));
    }

    @Test
    void aWayToAnAnchorIsBetterThanNone() {
        KeyPair keys = Keys.ec();
        ThrowawayCa stranger = ThrowawayCa.root("Other CA", NOW).intermediate("Team CA", spec -> spec.keys(keys));
        ThrowawayCa team = ca.intermediate("Team CA", spec -> spec.keys(keys));
        List<X509Certificate> ways = List.of(stranger.certificate(), team.certificate());
        Rejection serious = new KeyRejection.WeakKey("x", "RSA 512");
        for (List<X509Certificate> order : List.of(ways, List.of(ways.get(1), ways.get(0)))) {
            List<X509Certificate> presented = new ArrayList<>(order);
            presented.add(0, team.client("a").leaf());
            PathSearch search = new PathSearch(
                    ParsedCertificate.all(presented),
                    List.of(new ParsedCertificate(ca.certificate())),
                    7,
                    (path, anchored) -> new PathSearch.Judged(anchored ? List.of(serious) : List.of(), 0));
            assertThat(search.best().anchored()).isTrue();
        }
    }

    @Test
    void fewerFindingsOfTheSameWorstKindAreBetter() {
        Rejection worst = new KeyRejection.WeakKey("x", "RSA 512");
        Rejection more = new KeyRejection.WeakKey("y", "RSA 512");
        ParsedCertificate second = new ParsedCertificate(renewed(ca));
        PathSearch search = new PathSearch(
                ParsedCertificate.all(List.of(ca.client("a").leaf())),
                List.of(new ParsedCertificate(ca.certificate()), second),
                7,
                (path, anchored) ->
                        new PathSearch.Judged(path.contains(second) ? List.of(worst) : List.of(worst, more), 0));
        assertThat(search.best().certificates()).last().isEqualTo(second);
    }

    @Test
    void judgesThirtyThreeWaysAtMost() {
        List<X509Certificate> anchors = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            anchors.add(renewed(ca));
        }
        search(List.of(ca.client("a").leaf()), anchors, List.of(new KeyRejection.WeakKey("x", "RSA 512")));
        assertThat(judged).hasSize(33);
    }

    @Test
    void triesFiveHundredAndThirteenIssuersAtMost() throws Exception {
        ThrowawayCa team = ca.intermediate("Team CA");
        // All have the name of the leaf's issuer, and differ in the last bits of the signature.
        int bits = team.certificate().getEncoded().length * 8;
        List<X509Certificate> presented = new ArrayList<>(
                List.of(ca.client("a", spec -> spec.issuer("CN=Team CA")).leaf()));
        for (int i = 1; i <= 513; i++) {
            presented.add(team.self().withFlippedBit(bits - i).leaf());
        }
        assertThat(search(presented, List.of(), List.of()).findings())
                .extracting(Rejection::explain)
                .anyMatch(why -> why.endsWith("no trust anchor has that name and key"));
        presented.add(team.certificate());
        assertThat(search(presented, List.of(), List.of()).findings())
                .extracting(Rejection::explain)
                .singleElement()
                .asString()
                .endsWith("too many certificates to try");
    }

    private PathSearch.Candidate search(
            List<X509Certificate> presented, List<X509Certificate> anchors, List<Rejection> findings) {
        return new PathSearch(ParsedCertificate.all(presented), ParsedCertificate.all(anchors), 7, (path, anchored) -> {
                    judged.add(path);
                    return new PathSearch.Judged(findings, 0);
                })
                .best();
    }

    /** Another certificate of the same name and key. */
    private static X509Certificate renewed(ThrowawayCa root) {
        KeyPair keys =
                new KeyPair(root.certificate().getPublicKey(), root.self().privateKey());
        return ThrowawayCa.root("Test CA", NOW, spec -> spec.keys(keys)).certificate();
    }

    @Test
    void aKeyThatIsNamedAndDidNotSignIsABadSignature() {
        assertThat(refusedBy(
                                strict(ca),
                                ca.client("a", spec -> spec.issuer("CN=Nobody")).corrupted())
                        .rejection()
                        .reason())
                .isEqualTo(Reason.BAD_SIGNATURE);
    }

    @Test
    void aKeyTooCostlyToVerifyWithIsSaid() {
        ThrowawayCa dsa = ca.intermediate("DSA CA", spec -> spec.keys(Keys.dsa()));
        assertThat(refusedBy(strict(ca), dsa.client("a")).findings())
                .extracting(Rejection::reason)
                .containsOnly(Reason.WEAK_KEY, Reason.WEAK_SIGNATURE, Reason.UNTRUSTED_ISSUER);
        assertThat(refusedBy(strict(ca), dsa.client("a")).findings())
                .contains(new KeyRejection.WeakKey("CN=DSA CA", "DSA"));
    }

    @Test
    @Timeout(5)
    void givesUpOnAForestThatCertifiesItselfInCircles() {
        // Twelve authorities, each certified by each other: a graph with millions of ways through it, none to an
        // anchor.
        ThrowawayCa stranger = ThrowawayCa.root("Stranger", NOW);
        List<ThrowawayCa> forest = new ArrayList<>();
        List<X509Certificate> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            forest.add(stranger.intermediate("Tree " + i));
        }
        for (ThrowawayCa issuer : forest) {
            for (ThrowawayCa subject : forest) {
                if (issuer != subject) {
                    all.add(issuer.crossSign(subject));
                }
            }
        }
        Issued client = forest.get(0).client("a");
        Issued hostile = client.withChain(client.leaf()).withMore(all.toArray(new X509Certificate[0]));
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(Verifying.anchors(ca)).withBounds(new TrustPolicy.Bounds(8, Integer.MAX_VALUE)),
                () -> NOW);
        assertThat(refusedBy(verifier, hostile).rejection().reason()).isEqualTo(Reason.UNTRUSTED_ISSUER);
    }
}
