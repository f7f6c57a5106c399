// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestTargetTest {

    @Test
    void decidesACompletionByWhatItCompletes() {
        assertThat(target(Map.of("type", "ref/prompt", "name", "secret plan"))).isEqualTo("secret plan");
        assertThat(target(Map.of("type", "ref/resource", "uri", "mem:{note}"))).isEqualTo("mem:{note}");
    }

    @Test
    void decidesACompletionByNothingElse() {
        assertThatThrownBy(() -> target(Map.of("type", "ref/prompt", "uri", "mem:harmless")))
                .isInstanceOf(InvalidMessageException.class);
        assertThatThrownBy(() -> target(Map.of("type", "ref/resource", "name", "harmless")))
                .isInstanceOf(InvalidMessageException.class);
        assertThatThrownBy(() -> target("harmless")).isInstanceOf(InvalidMessageException.class);
    }

    private static String target(Object reference) {
        return new Request(1, "completion/complete", Map.of("ref", reference)).target();
    }
}
