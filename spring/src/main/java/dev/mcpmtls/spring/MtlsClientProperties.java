// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The MCP clients of this program. The settings at the top are for every connection of {@code
 * spring.ai.mcp.client.streamable-http.connections}, and for the connections here that have none of their own.
 */
@ConfigurationProperties(MtlsClientProperties.PREFIX)
public class MtlsClientProperties extends ProfileProperties {

    /** Where these settings begin. */
    public static final String PREFIX = "mcp.mtls.client";

    /** Whether MCP clients use mutual TLS. */
    private boolean enabled = true;

    /** Connections by name. */
    private Map<String, Connection> connections = new LinkedHashMap<>();

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public Map<String, Connection> getConnections() {
        return connections;
    }

    public void setConnections(Map<String, Connection> connections) {
        this.connections = connections;
    }

    /** One connection: with a URL it is our transport's, without one it is Spring AI's connection of that name. */
    public static final class Connection extends ProfileProperties {

        /** Whether this connection uses mutual TLS; only false leaves a connection of Spring AI's as it is. */
        private boolean enabled = true;

        /** URL of the server, for example https://localhost:8443/mcp; speaks the protocol's current revision and earlier ones. */
        private @Nullable URI url;

        /** Identity that the server must have, for example spiffe://demo.local/server/weather; by default the host of the URL. */
        private @Nullable String expect;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public @Nullable URI getUrl() {
            return url;
        }

        public void setUrl(@Nullable URI url) {
            this.url = url;
        }

        public @Nullable String getExpect() {
            return expect;
        }

        public void setExpect(@Nullable String expect) {
            this.expect = expect;
        }
    }
}
