// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToolHeadersTest {

    @Test
    void findsAnAnnotatedArgument() {
        ToolHeaders headers = ToolHeaders.of(schema("Region", "string"));

        assertThat(headers.mirrored()).containsExactly(new Mirrored("Mcp-Param-Region", List.of("region")));
        assertThat(headers.defect()).isEmpty();
        assertThat(headers.mirrored().get(0).in(Map.of("region", "north"))).isEqualTo("north");
        assertThat(headers.mirrored().get(0).in(Map.of("other", "north"))).isNull();
    }

    @Test
    void keepsWhatServersCheckWhenAnAnnotationIsNotValid() {
        ToolHeaders headers = ToolHeaders.of(schema("Region", "number"));

        assertThat(headers.mirrored()).hasSize(1);
        assertThat(headers.defect()).hasValueSatisfying(why -> assertThat(why).contains("'Region' is not on a string"));
    }

    private static Map<String, Object> schema(String header, String type) {
        return Map.of("type", "object", "properties", Map.of("region", Map.of("type", type, "x-mcp-header", header)));
    }
}
