// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.echo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.servers.Calls;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EchoServerTest {

    private final Calls calls = new Calls(
            EchoServer.tools(context -> new EchoServer.Sender("spiffe://demo.local/agent/coordinator", "verified")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                " ",
                "  both ends  ",
                "a\r\nb\tc\u0000",
                "naïve 東京 🌍",
                "e\u0301",
                "\"quoted\" \\ {json}"
            })
    void returnsTheTextUnchanged(String text) {
        assertThat(calls.text("echo", Map.of("text", text))).isEqualTo(text);
        assertThat(calls.structured("echo", Map.of("text", text))).containsEntry("text", text);
    }

    @Test
    void countsCharactersAndBytes() {
        assertThat(calls.structured("echo", Map.of("text", "é🌍")))
                .containsEntry("characters", 2)
                .containsEntry("bytes", 6);
    }

    @Test
    void saysWhoTheCallerIs() {
        assertThat(calls.structured("echo", Map.of("text", "x")))
                .containsEntry(
                        "caller", Map.of("identity", "spiffe://demo.local/agent/coordinator", "assurance", "verified"));
    }

    @Test
    void refusesAnEmptyText() {
        assertThat(calls.error("echo", Map.of("text", ""))).isEqualTo("\"text\" is empty: the text to return");
    }

    @Test
    void refusesATextThatIsTooLong() {
        assertThat(calls.text("echo", Map.of("text", "x".repeat(1_000_000)))).hasSize(1_000_000);
        assertThat(calls.error("echo", Map.of("text", "x".repeat(1_000_001)))).contains("at most 1000000 are allowed");
    }

    @Test
    void refusesHalfACharacter() {
        assertThat(calls.error("echo", Map.of("text", "a\ud83c"))).contains("half of a surrogate pair");
    }
}
