// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import static dev.mcpmtls.protocol.pins.PinsFixture.CLOCK;
import static dev.mcpmtls.protocol.pins.PinsFixture.ECHO;
import static dev.mcpmtls.protocol.pins.PinsFixture.EVIL;
import static dev.mcpmtls.protocol.pins.PinsFixture.list;
import static dev.mcpmtls.protocol.pins.PinsFixture.names;
import static dev.mcpmtls.protocol.pins.PinsFixture.pins;
import static dev.mcpmtls.protocol.pins.PinsFixture.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.pins.PinChange.Kind;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolPinsTest {

    private final ToolPins pins = pins("s", ECHO, CLOCK);

    @Test
    void passesAListThatIsAsItWasApproved() {
        ToolPins.Filtered filtered = pins.filter(list(CLOCK, ECHO));

        assertThat(filtered.withheld()).isEmpty();
        assertThat(filtered.result()).isEqualTo(list(CLOCK, ECHO));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"inputSchema\":{\"properties\":{\"text\":{\"maxLength\":100.0,\"type\":\"string\"}},\"type\":\"object\"},"
                        + "\"description\":\"Says it \\u0061gain.\",\"name\":\"echo\"}",
                "{\"name\":\"echo\",\"description\":\"Says it again.\",\"inputSchema\":{\"type\":\"object\",\"properties\":"
                        + "{\"text\":{\"type\":\"string\",\"maxLength\":1e2}}},\"_meta\":{\"n\":1},\"icons\":[],\"x\":2}"
            })
    void ignoresSpellingAndWhatModelsDoNotRead(String same) {
        assertThat(pins.check(read(same))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Says it again.\" | \"Says it again. \" | description",
                "\"maxLength\": 100 | \"maxLength\": 101 | inputSchema.properties.text.maxLength",
                "\"maxLength\": 100 | \"maxLength\": \"100\" | inputSchema.properties.text.maxLength",
                "\"maxLength\": 100 | \"minLength\": 100 | inputSchema.properties.text.maxLength",
                "\"name\": \"echo\" | \"name\": \"echo\", \"title\": \"\" | title",
                "\"name\": \"echo\" | \"name\": \"echo\", \"title\": null | title",
                "\"name\": \"echo\" | \"name\": \"echo\", \"annotations\": {} | annotations",
                "\"name\": \"echo\" | \"name\": \"echo\", \"annotations\": {\"readOnlyHint\": true} | annotations.readOnlyHint",
                "\"name\": \"echo\" | \"name\": \"echo\", \"outputSchema\": {\"type\": \"object\"} | outputSchema.type",
                "\"name\": \"echo\" | \"name\": \"echo\", \"icons\": [{\"src\": \"https://a.example/i.svg\"}] | icons",
                "\"name\": \"echo\" | \"name\": \"echo\", \"_meta\": {\"ui\": {\"resourceUri\": \"ui://a\"}} | _meta.ui.resourceUri",
                "\"name\": \"echo\" | \"name\": \"echo\", \"_meta\": {\"n\": 1, \"ui/resourceUri\": \"ui://a\"} | _meta.ui/resourceUri",
                "\"name\": \"echo\" | \"name\": \"echo\", \"_meta\": {\"openai/outputTemplate\": \"ui://a\"} | _meta.openai/outputTemplate",
            })
    void withholdsAChangeOfAnyPinnedMember(String pinned, String offered, String path) {
        ToolPins.Filtered filtered = pins.filter(list(ECHO.replace(pinned, offered), CLOCK));

        assertThat(names(filtered)).containsExactly("clock");
        assertThat(filtered.withheld()).singleElement().satisfies(change -> {
            assertThat(change.kind()).isEqualTo(Kind.CHANGED);
            assertThat(change.name()).isEqualTo("echo");
            assertThat(change.pinnedDigest()).isNotEqualTo(change.offeredDigest());
            assertThat(change.differences()).extracting(Difference::path).contains(path);
        });
        assertThat(filtered.result()).containsEntry("ttlMs", 5);
    }

    @Test
    void withholdsNewToolsAndWhatIsNoTool() {
        ToolPins.Filtered filtered = pins.filter(list(
                "{\"name\":\"Echo\"}",
                "{\"name\":\"\\ud800\"}",
                "{\"name\":\"echo\",\"inputSchema\":{\"x\":1e999}}",
                "{\"title\":\"no name\"}",
                "7",
                "null",
                CLOCK));

        assertThat(names(filtered)).containsExactly("clock");
        assertThat(filtered.withheld())
                .extracting(PinChange::kind)
                .containsExactly(
                        Kind.NEW, Kind.UNPINNABLE, Kind.UNPINNABLE, Kind.UNPINNABLE, Kind.UNPINNABLE, Kind.UNPINNABLE);
        assertThat(filtered.withheld().subList(1, 6)).allSatisfy(change -> {
            assertThat(change.isAcceptable()).isFalse();
            assertThatThrownBy(() -> pins.accept(change)).isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void withholdsTheOtherOfTwoToolsWithOneName() {
        ToolPins.Filtered filtered = pins.filter(list(ECHO, EVIL));

        assertThat(names(filtered)).containsExactly("echo");
        assertThat(filtered.withheld()).extracting(PinChange::kind).containsExactly(Kind.CHANGED);
    }

    @Test
    void acceptsOneChangeAndNoOther() {
        List<PinChange> changes =
                pins.filter(list(EVIL, CLOCK.replace("clock", "clocks"))).withheld();

        ToolPins accepted = pins.accept(changes.get(1));

        assertThat(accepted.filter(list(EVIL, CLOCK.replace("clock", "clocks"))).withheld())
                .containsExactly(changes.get(0));
        assertThat(pins.tool("clocks")).isEmpty();
    }

    @Test
    void tellsDifferencesByPathWithTheValuesOfBothSides() {
        String offered = ECHO.replace("100", "\"100\"").replace("\"text\"", "\"words\"");

        List<Difference> differences = pins.check(read(offered)).orElseThrow().differences();

        assertThat(differences)
                .contains(
                        new Difference("inputSchema.properties.text.type", Optional.of("\"string\""), Optional.empty()),
                        new Difference(
                                "inputSchema.properties.words.maxLength", Optional.empty(), Optional.of("\"100\"")));
        assertThat(pins.check(read(ECHO.replace("100", "\"100\"")))
                        .orElseThrow()
                        .differences())
                .containsExactly(new Difference(
                        "inputSchema.properties.text.maxLength", Optional.of("100"), Optional.of("\"100\"")));
    }

    @Test
    void boundsTheDifferences() {
        StringBuilder members = new StringBuilder("\"a\":1");
        for (int i = 0; i < 1000; i++) {
            members.append(",\"m").append(i).append("\":").append(i);
        }
        String large = CLOCK.replace("\"type\": \"object\"", members);

        assertThat(pins.check(read(large)).orElseThrow().differences()).hasSize(Difference.MOST);
    }

    @ParameterizedTest
    @CsvSource({
        "https://LocalHost/mcp,https://localhost:443/mcp",
        "HTTPS://localhost:8443/mcp,https://localhost:8443/mcp",
        "https://localhost:8443,https://localhost:8443/",
        "https://localhost:8443/Mcp?x=1,https://localhost:8443/Mcp?x=1",
        "https://[::1]:8443/mcp,https://[::1]:8443/mcp",
    })
    void knowsAServerUnderEverySpellingOfItsUrl(String url, String key) {
        assertThat(ToolPins.key(URI.create(url))).isEqualTo(key);
    }

    /** Computed with sha256sum: the SHA-256 of the six members in the order of RFC 8785. */
    @Test
    void hasTheDigestThatOthersCompute() {
        assertThat(ToolDefinition.of(read(ECHO)).canonical())
                .isEqualTo("{\"description\":\"Says it again.\",\"inputSchema\":{\"properties\":{\"text\":"
                        + "{\"maxLength\":100,\"type\":\"string\"}},\"type\":\"object\"},\"name\":\"echo\"}");
        assertThat(ToolDefinition.of(read(ECHO)).digest())
                .isEqualTo("a72ad6631c84f4261d6f228b11487c251be0d3d239819b102bbede12118424ab");
    }
}
