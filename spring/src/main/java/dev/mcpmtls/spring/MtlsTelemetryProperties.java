// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.telemetry.McpTelemetry.Parents;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The settings {@code mcp.mtls.telemetry.*}. */
@ConfigurationProperties("mcp.mtls.telemetry")
class MtlsTelemetryProperties {

    /** Whether spans name the identities that peers prove. */
    private boolean identity;

    /** Whether a caller's trace goes on here, or each request begins one that links to it. */
    private Parents parents = Parents.FOLLOW;

    public boolean isIdentity() {
        return identity;
    }

    public void setIdentity(boolean identity) {
        this.identity = identity;
    }

    public Parents getParents() {
        return parents;
    }

    public void setParents(Parents parents) {
        this.parents = parents;
    }
}
