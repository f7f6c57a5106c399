// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.LoggingLevel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CallMapperTest {

    private static final TypeRef<CallToolRequest> CALL = new TypeRef<>() {};

    private final McpJsonMapper sdk = McpJsonDefaults.getMapper();
    private final CallMapper mapper = CallMapper.overDefault();

    static List<Map<String, Object>> calls() {
        Map<String, Object> arguments = Map.of("text", "hello", "deep", Map.of("list", List.of(1, 2.5, true)));
        return List.of(
                Map.of("name", "echo", "arguments", arguments),
                Map.of("name", "echo", "arguments", arguments, "_meta", Map.of("progressToken", 7)),
                Map.of("name", "echo", "arguments", Map.of(), "more", "ignored"),
                Map.of("name", "echo"));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void readsACallAsTheSdkDoes(Map<String, Object> params) {
        CallToolRequest expected = sdk.convertValue(params, CALL);

        assertThat(mapper.convertValue(params, CALL)).isEqualTo(expected);
        assertThat(mapper.convertValue(params, CallToolRequest.class)).isEqualTo(expected);
    }

    static List<Map<String, Object>> noCalls() {
        return List.of(
                Map.of("name", List.of(), "arguments", Map.of()),
                Map.of("name", "echo", "arguments", "text"),
                Map.of("name", "echo", "arguments", Map.of(), "_meta", 7));
    }

    @ParameterizedTest
    @MethodSource("noCalls")
    void refusesWhatTheSdkRefuses(Map<String, Object> params) {
        assertThatThrownBy(() -> sdk.convertValue(params, CALL)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> mapper.convertValue(params, CALL)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void leavesEverythingElseToTheSdk() throws Exception {
        assertThat(mapper.convertValue("warning", LoggingLevel.class)).isEqualTo(LoggingLevel.WARNING);
        assertThat(mapper.readValue("{\"name\":\"echo\",\"arguments\":{}}", CALL)
                        .name())
                .isEqualTo("echo");
        assertThat(mapper.writeValueAsString(Map.of("a", 1))).isEqualTo("{\"a\":1}");
    }
}
