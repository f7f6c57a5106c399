// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.testkit.CertificateSpec;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.Assurance;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CallerTest {

    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private final ThrowawayCa ca = ThrowawayCa.root("CA", NOW);

    @Test
    void hasEveryNameOfTheCertificateAndItsKey() {
        Issued issued = ca.client(
                "a", spec -> spec.dns("A.example.com").dns("*.wild.example").ip("10.0.0.1"));
        Caller caller = Caller.of(peer(issued));
        assertThat(caller.identity().text()).isEqualTo("spiffe://demo.local/agent/a");
        assertThat(caller.names()).extracting(Identity::text).contains("a.example.com", "10.0.0.1");
        assertThat(caller.names().get(0)).isEqualTo(caller.identity());
        assertThat(caller.names()).extracting(Identity::text).noneMatch(name -> name.contains("*"));
        assertThat(caller.pin()).contains(PublicKeyPin.of(issued.leaf().getPublicKey()));
        assertThat(caller.assurance()).isEqualTo(Assurance.VERIFIED);
        assertThat(caller.certificate()).contains(issued.leaf());
    }

    @Test
    void hasNoOtherName() {
        assertThat(names(spec -> spec.withoutNames().uri("spiffe://demo.local/agent/a")))
                .containsExactly("spiffe://demo.local/agent/a");
        assertThat(names(spec -> spec.withoutNames().uri("https://demo.local/a").dns("b.example")))
                .containsExactly("b.example");
    }

    @Test
    void ofNamesAloneHasNoCertificate() {
        PublicKeyPin pin = PublicKeyPin.of(ca.certificate().getPublicKey());
        Caller caller = Caller.named(List.of(pin), Assurance.PINNED);
        assertThat(caller.names()).isEmpty();
        assertThat(caller.identity()).isEqualTo(pin);
        assertThat(caller.pin()).contains(pin);
        assertThat(caller.certificate()).isEmpty();
    }

    private List<String> names(UnaryOperator<CertificateSpec> change) {
        return Caller.of(peer(ca.client("a", change))).names().stream()
                .map(Identity::text)
                .toList();
    }

    private Peer peer(Issued issued) {
        ChainVerifier verifier =
                new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), () -> NOW);
        Verdict verdict = verifier.verifyClient(new Chain(issued.chain()));
        assertThat(verdict).as("%s", verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).peer();
    }
}
