// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.protocol.pins.PinnedTools;
import dev.mcpmtls.protocol.pins.ToolPins;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShownToolsTest {

    private static final List<Object> TOOLS = List.of(Map.of("name", "echo", "inputSchema", Map.of("type", "object")));

    private final ToolPins pins = ToolPins.approving("files", Optional.empty(), TOOLS);
    private final ShownTools shown = new ShownTools();

    @Test
    void aListThatWasAskedForBeforeAChangeShowsNothing() {
        long before = held().listing(true);
        shown.changed();
        held().listed(Map.of("tools", TOOLS), before);
        assertThat(held().isChecked("echo")).isFalse();

        held().listed(Map.of("tools", TOOLS), held().listing(true));
        assertThat(held().isChecked("echo")).isTrue();
    }

    @Test
    void aListThatWaitsForTheServerToStartIsItsOwn() {
        long waiting = held().listing(true);
        shown.forget();
        held().listed(Map.of("tools", TOOLS), waiting);
        assertThat(held().isChecked("echo")).isTrue();

        shown.forget();
        assertThat(held().isChecked("echo")).isFalse();
    }

    private PinnedTools held() {
        return shown.heldAgainst(pins, change -> {});
    }
}
