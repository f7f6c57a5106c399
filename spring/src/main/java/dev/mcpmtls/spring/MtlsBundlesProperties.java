// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Credentials that other parts of the program use as SSL bundles: its web server, RestClient, or a database's driver. */
@ConfigurationProperties("mcp.mtls.ssl")
public class MtlsBundlesProperties {

    /** SSL bundles by name, each with a credential whose changed files update the bundle. */
    private Map<String, Bundle> bundles = new LinkedHashMap<>();

    public Map<String, Bundle> getBundles() {
        return bundles;
    }

    public void setBundles(Map<String, Bundle> bundles) {
        this.bundles = bundles;
    }

    /** A credential that is offered as an SSL bundle. */
    public static final class Bundle {

        /** Directory with tls.crt, tls.key and ca.crt. */
        private @Nullable Path credential;

        public @Nullable Path getCredential() {
            return credential;
        }

        public void setCredential(@Nullable Path credential) {
            this.credential = credential;
        }
    }
}
