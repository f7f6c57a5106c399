// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import static org.assertj.core.api.Assertions.assertThat;

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

    private static String recorded(String method, String target) {
        return new Call("weather-mcp", method, target).forRecord().target();
    }
}
