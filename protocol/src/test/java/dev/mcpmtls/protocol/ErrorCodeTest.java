// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorCodeTest {

    @ParameterizedTest
    @ValueSource(ints = {-32700, -32602, -32601, -32600, 400, 403, 404, 421, 429, 499})
    void theRequestIsAtFault(int code) {
        assertThat(ErrorCode.isAboutTheRequest(code)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {-32603, -32000, 0, 399, 500, 503, 504})
    void theServerMayBeAtFault(int code) {
        assertThat(ErrorCode.isAboutTheRequest(code)).isFalse();
    }
}
