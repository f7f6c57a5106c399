// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NativeTextTest {

    private static final String ASCII = "ANSI_X3.4-1968";

    @Test
    void utf8IsTakenAsItIs() {
        assertThat(new NativeText("UTF-8", "/home/jörg", Map.of("MCP_MTLS_DIR", "Störe"), "ask", "Tōkyō?").complaint())
                .isEmpty();
    }

    @Test
    void whatIsNotUtf8IsRefusedWhereverItStands() {
        assertThat(new NativeText("UTF-8", "/home", Map.of(), "text=h\uFFFDllo").complaint())
                .hasValueSatisfying(why -> assertThat(why).contains("text=h", "is not UTF-8"));
        assertThat(new NativeText("UTF-8", "/home/j\uFFFDrg", Map.of()).complaint())
                .isPresent();
        assertThat(new NativeText("UTF-8", "/home", Map.of("MCP_MTLS_DIR", "St\uFFFDre")).complaint())
                .hasValueSatisfying(why -> assertThat(why).contains("MCP_MTLS_DIR"));
    }

    @Test
    void anotherCharacterSetMayHaveReplacedAnything() {
        assertThat(new NativeText(ASCII, "/home", Map.of(), "text=h??llo").complaint())
                .hasValueSatisfying(why -> assertThat(why).contains(ASCII, "LC_ALL"));
        assertThat(new NativeText("ISO-8859-1", "/home", Map.of(), "text=hÃ©llo").complaint())
                .isPresent();
        assertThat(new NativeText(ASCII, "/home", Map.of("OTHER", "Störe?"), "text=hello").complaint())
                .isEmpty();
    }
}
