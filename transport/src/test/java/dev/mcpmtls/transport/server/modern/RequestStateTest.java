// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestStateTest {

    private static final Owner ALICE = Owner.vouched(SpiffeId.parse("spiffe://demo.local/agent/alice"));
    private static final Map<String, Object> ANSWERS = Map.of("name", Map.of("action", "accept"));

    private Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private final Json json = new Json(64, 4 * 1024 * 1024);
    private final RequestState states = with(new byte[32]);
    private final Request request = call(Map.of("city", "Tokyo", "days", 2));

    private RequestState with(byte[] key) {
        return with("station", key);
    }

    private RequestState with(String server, byte[] key) {
        return new RequestState(server, key, json, Duration.ofMinutes(15), () -> now);
    }

    private static Request call(Map<String, Object> arguments) {
        return new Request(1, "tools/call", Map.of("name", "forecast", "arguments", arguments));
    }

    @Test
    void givesTheAnswersBackToTheirCallerForTheSameRequest() {
        String state = states.seal(ALICE, request, ANSWERS);
        Request retry = new Request(
                2,
                "tools/call",
                Map.of(
                        "arguments",
                        Map.of("days", 2, "city", "Tokyo"),
                        "name",
                        "forecast",
                        "requestState",
                        state,
                        "inputResponses",
                        Map.of()));

        assertThat(states.open(ALICE, retry, state)).isEqualTo(ANSWERS);
    }

    @Test
    void lapses() {
        String state = states.seal(ALICE, request, ANSWERS);
        now = now.plus(Duration.ofMinutes(15));

        assertInvalid(ALICE, request, state);
    }

    @Test
    void isForNobodyElse() {
        String state = states.seal(ALICE, request, ANSWERS);

        assertInvalid(Owner.vouched(DnsName.parse("alice.demo.local")), request, state);
    }

    @Test
    void isForNoOtherRequest() {
        String state = states.seal(ALICE, request, ANSWERS);

        assertInvalid(ALICE, call(Map.of("city", "Paris", "days", 2)), state);
        assertInvalid(ALICE, new Request(1, "prompts/get", request.params()), state);
    }

    @Test
    void isRefusedWhenAnythingAboutItWasChanged() {
        String state = states.seal(ALICE, request, ANSWERS);

        for (int i = 0; i < state.length(); i++) {
            char other = state.charAt(i) == 'A' ? 'B' : 'A';
            assertInvalid(ALICE, request, state.substring(0, i) + other + state.substring(i + 1));
        }
        assertInvalid(ALICE, request, state + "=");
        assertInvalid(ALICE, request, state.substring(0, state.indexOf('.')));
        assertInvalid(ALICE, request, "");
    }

    @Test
    void isRefusedWhenAnotherKeySignedIt() {
        byte[] other = new byte[32];
        other[0] = 1;

        assertInvalid(ALICE, request, with(other).seal(ALICE, request, ANSWERS));
    }

    @Test
    void isRefusedWhenItIsOfAnotherServerWithTheSameKey() {
        assertInvalid(ALICE, request, with("another", new byte[32]).seal(ALICE, request, ANSWERS));
    }

    private void assertInvalid(Owner owner, Request of, String state) {
        assertThatThrownBy(() -> states.open(owner, of, state))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("not valid for this caller and this request");
    }
}
