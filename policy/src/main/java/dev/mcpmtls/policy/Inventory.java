// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import java.util.Set;

/**
 * The servers, tools, prompts and resources that rules can name, to find rules that match nothing.
 *
 * @param servers the names of all servers, those of the settings and our own MCP names; empty when they are not known
 * @param tools the names of all tools of these servers; empty when they are not known, like the next two
 * @param prompts the names of all prompts
 * @param resources the URIs of all resources
 */
public record Inventory(Set<String> servers, Set<String> tools, Set<String> prompts, Set<String> resources) {

    /** Copies the sets. */
    public Inventory {
        servers = Set.copyOf(servers);
        tools = Set.copyOf(tools);
        prompts = Set.copyOf(prompts);
        resources = Set.copyOf(resources);
    }

    /** Nothing is known. */
    public static Inventory unknown() {
        return ofServers(Set.of());
    }

    /** The servers are known, and not what they offer. */
    public static Inventory ofServers(Set<String> servers) {
        return new Inventory(servers, Set.of(), Set.of(), Set.of());
    }
}
