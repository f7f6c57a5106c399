// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.protocol.HeaderValue;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LearntToolsTest {

    private final LearntTools headers = new LearntTools();

    @Test
    void mirrorsAnnotatedArgumentsAtTheirExactPath() {
        Object schema = object(Map.of(
                "region", string("Region"),
                "limits", object(Map.of("rows", Map.of("type", "integer", "x-mcp-header", "Rows")))));
        assertThat(headers.learn(List.of(tool(schema)))).hasSize(1);
        assertThat(headers.headers("query", Map.of("region", "us-west1", "limits", Map.of("rows", 42))))
                .containsOnly(Map.entry("Mcp-Param-Region", "us-west1"), Map.entry("Mcp-Param-Rows", "42"));
    }

    @Test
    void omitsTheHeaderOfAnAbsentArgument() {
        headers.learn(List.of(tool(object(Map.of("region", string("Region"))))));
        assertThat(headers.headers("query", Map.of("other", "x"))).isEmpty();
        assertThat(headers.headers("unknown", Map.of("region", "x"))).isEmpty();
    }

    static Stream<Arguments> invalidSchemas() {
        return Stream.of(
                Arguments.of("empty name", object(Map.of("a", string("")))),
                Arguments.of("not a token", object(Map.of("a", string("X Y")))),
                Arguments.of("line break", object(Map.of("a", string("X\r\nEvil: 1")))),
                Arguments.of("twice", object(Map.of("a", string("Region"), "b", string("region")))),
                Arguments.of("a number", object(Map.of("a", Map.of("type", "number", "x-mcp-header", "N")))),
                Arguments.of("an object", object(Map.of("a", Map.of("type", "object", "x-mcp-header", "N")))),
                Arguments.of("in items", object(Map.of("a", Map.of("type", "array", "items", string("N"))))),
                Arguments.of("in anyOf", Map.of("type", "object", "anyOf", List.of(object(Map.of("a", string("N")))))),
                Arguments.of("at the root", Map.of("type", "object", "x-mcp-header", "N")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidSchemas")
    void leavesOutAToolWithAnInvalidAnnotation(String why, Object schema) {
        assertThat(headers.learn(List.of(tool(schema)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "us-west1, us-west1",
        "'Hello, \u4e16\u754c', '=?base64?SGVsbG8sIOS4lueVjA==?='",
        "' padded ', '=?base64?IHBhZGRlZCA=?='",
        "'line1\nline2', '=?base64?bGluZTEKbGluZTI=?='",
        "'=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='"
    })
    void encodesValuesAsTheSpecificationHasThem(String value, String expected) {
        assertThat(HeaderValue.encode(value)).isEqualTo(expected);
    }

    private static Map<String, Object> tool(Object schema) {
        return Map.of("name", "query", "inputSchema", schema);
    }

    private static Map<String, Object> object(Map<String, Object> properties) {
        return Map.of("type", "object", "properties", properties);
    }

    private static Map<String, Object> string(String header) {
        return Map.of("type", "string", "x-mcp-header", header);
    }
}
