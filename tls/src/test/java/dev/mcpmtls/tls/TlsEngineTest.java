// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Without {@code mcp-mtls-transport} on the class path. */
class TlsEngineTest {

    @Test
    void fallsBackToTheJdks() {
        assertThat(TlsEngine.AUTO.resolve()).isEqualTo(TlsEngine.JDK);
    }

    @Test
    void saysWhereBoringSslComesFrom() {
        assertThatThrownBy(TlsEngine.BORINGSSL::resolve)
                .isInstanceOf(UnusableEngineException.class)
                .hasMessage("cannot use BoringSSL: it comes with mcp-mtls-transport, which is not on the class path;"
                        + " use the engine 'auto' or 'jdk'");
    }

    @Test
    void staplesNothingWhenItHasFallenBack() {
        TlsEngine.AUTO.requireStapling(TlsEngine.JDK);
        TlsEngine.BORINGSSL.requireStapling(TlsEngine.BORINGSSL);
    }

    @Test
    void cannotStapleWithTheJdks() {
        assertThatThrownBy(() -> TlsEngine.JDK.requireStapling(TlsEngine.JDK))
                .isInstanceOf(UnusableEngineException.class)
                .hasMessageContaining("cannot staple");
    }
}
