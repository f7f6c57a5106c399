// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CombinedPolicyTest {

    private static final Decision.Deny NO = new Decision.Deny("no");

    private final ThrowawayCa ca = ThrowawayCa.root("Combined");
    private final Routes routes = new Routes(List.of("a", "b"));

    @Test
    void whatOneServerWouldDenyIsSaidOfACallToAll() {
        AccessPolicy shadow = (caller, call) -> call.server().equals("a")
                ? new Decision.Permit(Optional.empty(), Optional.of(NO), List.of())
                : new Decision.Permit();
        assertThat(decide(shadow)).isEqualTo(new Decision.Permit(Optional.empty(), Optional.of(NO), List.of()));
    }

    @Test
    void whatOneServerDeniesIsDenied() {
        assertThat(decide((caller, call) -> call.server().equals("b") ? NO : new Decision.Permit()))
                .isEqualTo(NO);
    }

    @Test
    void aMembersRulesSeeTheTokenOfTheCall() {
        AccessToken token =
                new AccessToken("https://login.test", "alice", Optional.empty(), Set.of(), Instant.EPOCH, true);
        AccessPolicy alices =
                (caller, call) -> call.token().filter(token::equals).isPresent() ? new Decision.Permit() : NO;
        CombinedPolicy combined = new CombinedPolicy(alices, routes);
        Call call = new Call("all", "tools/call", "a__read");

        assertThat(combined.decide(peer(), call.bearing(Optional.of(token)))).isInstanceOf(Decision.Permit.class);
        assertThat(combined.decide(peer(), call)).isEqualTo(NO);
    }

    private Decision decide(AccessPolicy rules) {
        return new CombinedPolicy(rules, routes).decide(peer(), new Call("all", "logging/setLevel", ""));
    }

    private Peer peer() {
        Verdict verdict = new ChainVerifier(
                        TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system())
                .verifyClient(new Chain(ca.client("agent").chain()));
        return ((Verdict.Accepted) verdict).peer();
    }
}
