// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChallengeTest {

    @Test
    void readsWhatAProtectedServerAsksFor() {
        Challenge challenge = of(
                401,
                "Bearer resource_metadata=\"https://mcp.example/.well-known/x\", scope=\"files:read files:write\"");

        assertThat(challenge.parameter("resource_metadata")).contains("https://mcp.example/.well-known/x");
        assertThat(challenge.parameter("scope")).contains("files:read files:write");
        assertThat(challenge.isInsufficientScope()).isFalse();
        assertThat(challenge.wantsProof()).isFalse();
    }

    @Test
    void readsSeveralSchemesInOneHeaderOrInMany() {
        assertThat(of(401, "Basic realm=\"a, b\", DPoP algs=\"ES256\" , error=use_dpop_nonce, Negotiate")
                        .schemes())
                .extracting(Challenge.Scheme::name)
                .containsExactly("basic", "dpop", "negotiate");
        assertThat(of(401, "Basic realm=x", "BEARER Scope=y").parameter("scope"))
                .contains("y");
    }

    @Test
    void unescapesQuotedStrings() {
        assertThat(of(401, "Bearer error_description=\"say \\\"no\\\" \\\\ \"").parameter("error_description"))
                .contains("say \"no\" \\ ");
    }

    @Test
    void believesNoOtherSchemesParameters() {
        assertThat(of(401, "Basic scope=all, resource_metadata=\"https://evil.example/\"")
                        .parameter("scope"))
                .isEmpty();
    }

    @Test
    void leavesOutWhatCannotBeParsed() {
        assertThat(of(401, "Bearer scope=\"never closed").schemes()).isEmpty();
        assertThat(of(401, "Bearer scope=a, scope=b").schemes()).isEmpty();
        assertThat(of(401, "Bearer =, x").schemes()).isEmpty();
        assertThat(of(401, "Bearer a=" + "b".repeat(20_000)).schemes()).isEmpty();
        assertThat(of(401, "x, ".repeat(1_000)).schemes()).hasSize(8);
    }

    @Test
    void asksForAnotherTokenAfter403OnlyWhenAScopeIsMissing() {
        assertThat(Challenge.of(403, List.of("Bearer error=\"insufficient_scope\", scope=\"b\""), Optional.empty()))
                .isPresent();
        assertThat(Challenge.of(403, List.of("Bearer error=\"invalid_token\""), Optional.empty()))
                .isEmpty();
        assertThat(Challenge.of(403, List.of(), Optional.empty())).isEmpty();
        assertThat(Challenge.of(200, List.of("Bearer error=\"insufficient_scope\""), Optional.empty()))
                .isEmpty();
    }

    @Test
    void takesANonceThatAHeaderCouldCarry() {
        List<String> wanted = List.of("DPoP error=\"use_dpop_nonce\"");

        assertThat(Challenge.of(401, wanted, Optional.of("n-1")).orElseThrow().wantsNonce())
                .isTrue();
        assertThat(Challenge.of(401, wanted, Optional.of("n 1")).orElseThrow().wantsNonce())
                .isFalse();
        assertThat(Challenge.of(401, wanted, Optional.of("n".repeat(600)))
                        .orElseThrow()
                        .wantsNonce())
                .isFalse();
    }

    private static Challenge of(int status, String... headers) {
        return Challenge.of(status, List.of(headers), Optional.empty()).orElseThrow();
    }
}
