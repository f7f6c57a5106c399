// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.source;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.OcspResponse;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A server of this process.
 *
 * @param server its name in the audit log
 * @param entry its name in the settings
 * @param tools those that are known; empty for a server of which they are learnt from calls
 * @param verifier of its peers
 * @param presented the name of its credential, and the chain that it presents now
 * @param staple the OCSP response that it staples now
 * @param load numbers by their names in the API
 */
public record ServerSource(
        String server,
        String entry,
        URI uri,
        List<String> tools,
        ChainVerifier verifier,
        Presented presented,
        Supplier<Optional<OcspResponse>> staple,
        Supplier<Map<String, Long>> load) {

    /**
     * A credential in use.
     *
     * @param credential its name
     * @param chain the one in use at the time of the query
     */
    public record Presented(String credential, Supplier<Chain> chain) {}

    /** Copies and sorts the tools. */
    public ServerSource {
        tools = tools.stream().sorted().toList();
    }

    /** Whether it goes by that name. */
    public boolean isCalled(String name) {
        return server.equals(name) || entry.equals(name);
    }
}
