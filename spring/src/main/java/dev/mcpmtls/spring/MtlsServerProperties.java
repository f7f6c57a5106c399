// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The MCP server of this program. With any of these settings it is served over mutual TLS, and in no other way. */
@ConfigurationProperties(MtlsServerProperties.PREFIX)
public class MtlsServerProperties extends ProfileProperties {

    /** Where these settings begin. */
    public static final String PREFIX = "mcp.mtls.server";

    /** Whether the MCP server is served over mutual TLS. */
    private boolean enabled = true;

    /** Address and port to listen on; port 0 is one of the system's choice. */
    private String listen = "127.0.0.1:8443";

    /** Path of the MCP endpoint. */
    private String path = "/mcp";

    /** File of access rules, read again when it changes. Without one every accepted peer may make every call. */
    private @Nullable Path policy;

    /** Name of this server in access rules, besides spring.ai.mcp.server.name. */
    private @Nullable String name;

    /** Time that calls in progress get when the program stops. */
    private Duration grace = Duration.ofSeconds(10);

    /** Hosts that requests may name; by default loopback names and those of the certificate. */
    private Set<String> allowedHosts = new LinkedHashSet<>();

    /** Origins of web pages that may use this server; by default those of loopback names. */
    private Set<String> allowedOrigins = new LinkedHashSet<>();

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public String getListen() {
        return listen;
    }

    public void setListen(String listen) {
        this.listen = listen;
    }

    public String getPath() {
        return path;
    }

    public void setPath(String path) {
        this.path = path;
    }

    public @Nullable Path getPolicy() {
        return policy;
    }

    public void setPolicy(@Nullable Path policy) {
        this.policy = policy;
    }

    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    public Duration getGrace() {
        return grace;
    }

    public void setGrace(Duration grace) {
        this.grace = grace;
    }

    public Set<String> getAllowedHosts() {
        return allowedHosts;
    }

    public void setAllowedHosts(Set<String> allowedHosts) {
        this.allowedHosts = allowedHosts;
    }

    public Set<String> getAllowedOrigins() {
        return allowedOrigins;
    }

    public void setAllowedOrigins(Set<String> allowedOrigins) {
        this.allowedOrigins = allowedOrigins;
    }
}
