// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.source;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * A server behind this process that has processes of its own.
 *
 * @param name of its entry in the settings
 * @param condition how it is doing; empty when it has no process of ours
 */
public record UpstreamSource(String name, Supplier<Optional<Condition>> condition) {

    /**
     * How it is doing.
     *
     * @param words for example {@code 2 of at most 8 processes}
     */
    public record Condition(boolean isTroubled, String words) {}
}
