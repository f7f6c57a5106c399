// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AloneIT extends ReloadingClient {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.netty.buffer.ByteBuf",
                "io.netty.internal.tcnative.SSL",
                "io.vertx.core.Vertx",
                "io.modelcontextprotocol.spec.McpSchema",
                "tools.jackson.databind.ObjectMapper",
                "reactor.core.publisher.Mono",
                "dev.mcpmtls.transport.netty.VertxTls"
            })
    void findsNothingOfThisOnTheClassPath(String name) {
        assertThatThrownBy(() -> Class.forName(name)).isInstanceOf(ClassNotFoundException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev.mcpmtls.trust.ChainVerifier", "org.slf4j.Logger"})
    void findsThisOnTheClassPath(String name) throws ClassNotFoundException {
        assertThat(Class.forName(name)).isNotNull();
    }
}
