// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.source;

import dev.mcpmtls.policy.FileAccessPolicy;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The access rules of this process.
 *
 * @param summary the rules in force in a few words
 * @param servers the names that rules may use for servers
 */
public record RulesSource(FileAccessPolicy policy, Supplier<String> summary, Set<String> servers) {

    /** Copies the set. */
    public RulesSource {
        servers = Set.copyOf(servers);
    }

    /** {@code enforce}, {@code shadow}, or {@code none} while there is no file. */
    public String mode() {
        if (policy.isAbsent()) {
            return "none";
        }
        return switch (policy.policy().mode()) {
            case ENFORCE -> "enforce";
            case SHADOW -> "shadow";
        };
    }
}
