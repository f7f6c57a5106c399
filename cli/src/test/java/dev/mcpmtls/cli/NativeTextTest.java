// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NativeTextTest {

    private static final String ASCII = "ANSI_X3.4-1968";

    @Test
    void utf8IsTakenAsItIs() {
        assertThat(new NativeText("UTF-8", "/home/jörg", Map.of("MCP_MTLS_DIR", "Störe"), List.of("ask", "Tōkyō?"))
                        .unreadable())
                .isEmpty();
    }

    @Test
    void whatIsNotUtf8IsRefusedWhereverItStands() {
        assertThat(new NativeText("UTF-8", "/home", Map.of(), List.of("text=h\uFFFDllo")).unreadable())
                .hasValueSatisfying(why -> assertThat(why.getMessage()).contains("text=h", "is not UTF-8"));
        assertThat(new NativeText("UTF-8", "/home/j\uFFFDrg", Map.of(), List.of()).unreadable())
                .isPresent();
        assertThat(new NativeText("UTF-8", "/home", Map.of("MCP_MTLS_DIR", "St\uFFFDre"), List.of()).unreadable())
                .hasValueSatisfying(why -> assertThat(why.getMessage()).contains("MCP_MTLS_DIR"));
    }

    @Test
    void anotherCharacterSetMayHaveReplacedAnything() {
        assertThat(new NativeText(ASCII, "/home", Map.of(), List.of("text=h??llo")).unreadable())
                .hasValueSatisfying(why -> assertThat(why.getMessage()).contains(ASCII, "LC_ALL"));
        assertThat(new NativeText("ISO-8859-1", "/home", Map.of(), List.of("text=hÃ©llo")).unreadable())
                .isPresent();
        assertThat(new NativeText(ASCII, "/home", Map.of("OTHER", "Störe?"), List.of("text=hello")).unreadable())
                .isEmpty();
    }
}
