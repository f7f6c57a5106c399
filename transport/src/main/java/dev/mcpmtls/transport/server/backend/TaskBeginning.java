// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A handler's word that the rest of its work may be a task. It travels as the token of a progress notification, because the SDK passes those on
 * as they are, on whatever thread the handler works; it never leaves this process.
 */
public final class TaskBeginning {

    private volatile @Nullable Consumer<String> background;

    /** The notification that carries it. */
    public ProgressNotification carrier() {
        return ProgressNotification.builder(this, 0).build();
    }

    static Optional<TaskBeginning> in(@Nullable Object params) {
        return params instanceof ProgressNotification progress
                        && progress.progressToken() instanceof TaskBeginning begins
                ? Optional.of(begins)
                : Optional.empty();
    }

    void with(@Nullable Consumer<String> says) {
        background = says;
    }

    /** Says how far the work is; null when it is no task. */
    public @Nullable Consumer<String> background() {
        return background;
    }
}
