// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.spring.MtlsBundlesProperties.Bundle;
import dev.mcpmtls.tls.TlsProfile;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslBundleRegistrar;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.context.annotation.Bean;

/** Offers credentials as SSL bundles to the rest of the program. */
@AutoConfiguration(before = SslAutoConfiguration.class)
@EnableConfigurationProperties(MtlsBundlesProperties.class)
class MtlsBundlesAutoConfiguration {

    private static final Logger log = LoggerFactory.getLogger(MtlsBundlesAutoConfiguration.class);

    @Bean
    SslBundleRegistrar mtlsBundles(MtlsBundlesProperties settings) {
        return registry -> settings.getBundles().forEach((name, bundle) -> register(registry, name, bundle));
    }

    private static void register(SslBundleRegistry registry, String name, Bundle bundle) {
        Path credential = bundle.getCredential();
        if (credential == null) {
            throw new MtlsSetupException(
                    "mcp.mtls.ssl.bundles." + name + " names no credential",
                    "Set mcp.mtls.ssl.bundles." + name + ".credential, the directory of tls.crt, tls.key and ca.crt.");
        }
        TlsProfile profile = TlsProfile.strict(credential);
        registry.registerBundle(name, new CredentialBundle(profile));
        var unused = profile.credentials().onChange(() -> {
            registry.updateBundle(name, new CredentialBundle(profile));
            log.info("the SSL bundle '{}' was updated from {}", name, credential);
        });
    }
}
