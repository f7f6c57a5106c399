// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves out Spring AI's own HTTP transports when the MCP server is served over mutual TLS: beside ours they would be a second bean, and an
 * endpoint that asks for no certificate.
 */
final class PlainTransportsFilter implements AutoConfigurationImportFilter, EnvironmentAware {

    private static final List<String> PLAIN = List.of(
            "org.springframework.ai.mcp.server.webmvc.autoconfigure.",
            "org.springframework.ai.mcp.server.webflux.autoconfigure.");

    private @Nullable Environment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public boolean[] match(@Nullable String[] candidates, AutoConfigurationMetadata metadata) {
        boolean ours = environment != null && MtlsInUse.isConfigured(environment, MtlsServerProperties.PREFIX);
        boolean[] stay = new boolean[candidates.length];
        Arrays.fill(stay, true);
        for (int i = 0; ours && i < candidates.length; i++) {
            String candidate = candidates[i];
            stay[i] = candidate == null || PLAIN.stream().noneMatch(candidate::startsWith);
        }
        return stay;
    }
}
