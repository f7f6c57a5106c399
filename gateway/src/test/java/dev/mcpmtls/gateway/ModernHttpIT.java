// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.Recorder.Received;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

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

    @Test
    void aRequestIsForwardedAsItIs() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            JsonNode discovered = alice.modern("server/discover", "", "").json();
            assertThat(discovered.at("/result/capabilities/tools/listChanged").asBoolean())
                    .isTrue();

            String list = alice.modern("tools/list", "", "").text();
            assertThat(list).contains("\"weight\":1.0", "\"ttlMs\":5", "\"cacheScope\":\"private\"");

            String body =
                    Agent.modernBody("tools/call", "\"name\":\"say\",\"arguments\":{\"region\":\"EU\",\"f\":1.0}");
            String[] headers = Agent.modernHeaders("tools/call", "say");
            assertThat(alice.post(body, headers).status()).isEqualTo(400);
            String[] mirrored = java.util.Arrays.copyOf(headers, headers.length + 2);
            mirrored[headers.length] = "Mcp-Param-Region";
            mirrored[headers.length + 1] = "EU";
            Answer said = alice.post(body, mirrored);
            Received call = upstream.with("tools/call").get(0);
            assertThat(said.said()).isEqualTo(call.body());
            assertThat(call.body().replaceFirst("\"id\":[0-9]+", "\"id\":1")).isEqualTo(body);
            assertThat(call.header("mcp-method")).isEqualTo("tools/call");
            assertThat(call.header("mcp-name")).isEqualTo("say");
            assertThat(call.header("mcp-param-region")).isEqualTo("EU");
            assertThat(call.header("mcp-protocol-version")).isEqualTo("2026-07-28");

            Answer asked = alice.modernCall("ask", "");
            assertThat(asked.text()).contains("\"requestState\":\"st\\u0061te\"");
            Answer retried =
                    alice.modernCall("ask", ",\"inputResponses\":{\"k\":{\"n\":1.0}},\"requestState\":\"state\"");
            assertThat(retried.said()).contains("\"inputResponses\":{\"k\":{\"n\":1.0}},\"requestState\":\"state\"");
        }
    }

    @Test
    void aSubscriptionPassesOn() throws Exception {
        try (Recorder upstream = new Recorder(Era.MODERN);
                Front front = front(upstream)) {
            Iterator<String> events = front.agent("alice").stream(
                    Agent.modernBody("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}"),
                    Agent.modernHeaders("subscriptions/listen", ""));
            assertThat(events.next()).contains("acknowledged");
            assertThat(events.next()).contains("tools/list_changed", "\"x\":1.0", "subscriptionId\":1");
        }
    }

    private static Front front(Recorder upstream) {
        return Front.of(gateway -> gateway.url(
                "crm", upstream.url(), Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30)));
    }
}
