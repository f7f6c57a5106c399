// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.PinnedTools;
import dev.mcpmtls.protocol.pins.ToolPins;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The lists that a server has sent over one link, held against its pins. A server that is started again has shown nothing. Thread-safe. */
public final class ShownTools {

    /** The notification after which nothing is shown any more. */
    public static final String CHANGED = "notifications/tools/list_changed";

    private @Nullable PinnedTools shown;

    /** Held against these pins; nothing is shown yet when they are others than before. */
    public synchronized PinnedTools heldAgainst(ToolPins pins, Consumer<PinChange> changed) {
        PinnedTools tools = shown;
        if (tools == null || tools.pins() != pins) {
            tools = new PinnedTools(pins, changed);
            shown = tools;
        }
        return tools;
    }

    /** The server is started, perhaps again: lists that are asked for now will be its own. */
    synchronized void forget() {
        if (shown != null) {
            shown.forget();
        }
    }

    /** The server may offer other tools from now on: a list that was asked for before shows nothing. */
    synchronized void changed() {
        if (shown != null) {
            shown.listChanged();
            shown.forget();
        }
    }
}
