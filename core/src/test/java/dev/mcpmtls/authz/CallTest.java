// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallTest {

    @ParameterizedTest
    @CsvSource({
        "https://user:pass@host/path?token=abc, https://host/path",
        "https://host/path#token=abc, https://host/path",
        "https://user@a@host:8443, https://host:8443",
        "mem:notes?key=secret, mem:notes",
    })
    void writesDownNothingOfAUriThatMayBeASecret(String uri, String written) {
        assertThat(recorded("resources/read", uri)).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://host/path@v1/x", "file:///etc/hosts", "mem:notes", "urn:isbn:1", ""})
    void writesDownWhatNamesTheResource(String uri) {
        assertThat(recorded("resources/read", uri)).isEqualTo(uri);
    }

    @ParameterizedTest
    @ValueSource(strings = {"getTemperature", "is it?", "a#b"})
    void writesDownANameAsItIs(String name) {
        assertThat(recorded("tools/call", name)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "tools/call, TOOL",
        "prompts/get, PROMPT",
        "resources/read, RESOURCE",
        "resources/subscribe, RESOURCE",
        "resources/unsubscribe, RESOURCE",
        "completion/complete, NONE",
        "tools/list, NONE",
    })
    void itsTargetFollowsFromTheMethod(String method, Call.Subject subject) {
        assertThat(new Call("weather-mcp", method, "x").subject()).isEqualTo(subject);
    }

    @Test
    void carriesWhatRulesAskForAndRecordsNothingOfIt() {
        Call call = new Call("weather-mcp", "tools/call", "getForecast")
                .at("weather")
                .speaking("2025-11-25")
                .with(() -> Map.of("secret", 1));
        assertThat(call.entry()).isEqualTo("weather");
        assertThat(call.protocolVersion()).isEqualTo("2025-11-25");
        assertThat(call.arguments()).containsEntry("secret", 1);
        assertThat(call)
                .isEqualTo(new Call("weather-mcp", "tools/call", "getForecast"))
                .hasToString(call.forRecord().toString());
        assertThat(call.forRecord().arguments()).isEmpty();
        assertThat(call.toString()).doesNotContain("secret");
        assertThat(call).isNotEqualTo(new Call("weather-mcp", "tools/call", "other"));
    }

    private static String recorded(String method, String target) {
        return new Call("weather-mcp", method, target).forRecord().target();
    }
}
