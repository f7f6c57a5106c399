// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.BeanUtils;
import org.springframework.core.io.support.SpringFactoriesLoader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Our settings as editors see them, and our hints for native images. */
class HintsAndMetadataTest {

    @Test
    void nativeImagesHoldTheTlsLibrary() {
        RuntimeHints hints = new RuntimeHints();
        SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
                .load(RuntimeHintsRegistrar.class)
                .forEach(registrar -> registrar.registerHints(hints, getClass().getClassLoader()));
        assertThat(RuntimeHintsPredicates.resource().forResource("META-INF/native/libnetty_tcnative_linux_x86_64.so"))
                .accepts(hints);
    }

    /** The build's annotation processor writes it; a setting without a description would be of no help in an editor. */
    @Test
    void everySettingIsDescribed() throws Exception {
        try (InputStream metadata = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            assertThat(metadata).as("written by the build").isNotNull();
            Set<String> described = new TreeSet<>();
            for (JsonNode property : JsonMapper.shared().readTree(metadata).get("properties")) {
                if (property.has("description")) {
                    described.add(property.get("name").asString());
                }
            }
            assertThat(described)
                    .containsAll(names("mcp.mtls.server.", MtlsServerProperties.class))
                    .containsAll(names("mcp.mtls.client.", MtlsClientProperties.class))
                    .contains("mcp.mtls.audit.file", "mcp.mtls.server.ssl.bundle", "mcp.mtls.ssl.bundles");
        }
    }

    private static Set<String> names(String prefix, Class<?> properties) {
        Set<String> names = new TreeSet<>();
        Stream.of(BeanUtils.getPropertyDescriptors(properties))
                .filter(property -> property.getWriteMethod() != null)
                .forEach(property -> names.add(
                        prefix + property.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT)));
        assertThat(names).isNotEmpty();
        return names;
    }
}
