// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Recorder.Era;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A modern client in front of a modern server over HTTP that is as strict as the specification allows. */
@Timeout(60)
class ModernHttpIT {

    @Test
    void theGatewaysOwnRequestsCarryTheHeadersOfTheRevision() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream)) {
            Answer discovered = front.agent("alice").modern("server/discover", "", "");

            assertThat(discovered.json().at("/result/capabilities/tools").isObject())
                    .isTrue();
            assertThat(upstream.with("server/discover")).isNotEmpty().allSatisfy(asked -> {
                assertThat(asked.header("mcp-protocol-version")).isEqualTo("2026-07-28");
                assertThat(asked.header("mcp-method")).isEqualTo("server/discover");
            });
        }
    }

    @Test
    void theStatusOfAnAnswerIsWhatItsErrorDemands() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");

            assertThat(alice.modernCall("say", "").status()).isEqualTo(200);
            Answer unknown = alice.modern("nothing/known", "", "");
            assertThat(unknown.status()).as(unknown.body()).isEqualTo(404);
            assertThat(unknown.json().at("/error/code").asInt()).isEqualTo(-32601);
            Answer unable = alice.modernCall("incapable", "");
            assertThat(unable.status()).as(unable.body()).isEqualTo(400);
            assertThat(unable.json().at("/error/code").asInt()).isEqualTo(-32021);
        }
    }

    private static Front front(Recorder upstream) {
        return Front.of(gateway -> gateway.url(
                "crm", upstream.url(), Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30)));
    }
}
