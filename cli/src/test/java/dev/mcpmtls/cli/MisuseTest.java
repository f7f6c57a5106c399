// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Command lines with a mistake, and the suggestion that follows. */
class MisuseTest extends StoreFixture {

    @Test
    void keepsRelaxedValidationOffTheNetworkUnlessToldInSoManyWords() {
        init();

        Run run = Run.of("serve", "echo", "--validation", "relaxed", "--listen", "0.0.0.0:0", "--dir", dir);

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains("--unsafe-relaxed-on-network");
    }

    @Test
    void saysWhatIsWrongWithAUrlOrADirectory() throws IOException {
        init();
        assertThat(Run.of("doctor", "http://localhost:8443/mcp", "--dir", dir).err())
                .contains("is plain HTTP, which proves no identity\n  write https://");
        Path file = Files.createFile(temporary.resolve("file"));
        assertThat(Run.of("init", "--dir", file.resolve("below").toString()).err())
                .contains("cannot make the directory", "choose another --dir")
                .doesNotContain("java.");
    }

    @Test
    void suggestsNothingWhereNothingIsNear() {
        assertThat(Run.of("frobnicate").err())
                .contains("there is no command 'frobnicate'")
                .doesNotContain("did you mean");
        assertThat(Run.of("config", "-q").err()).contains("unknown option '-q'").doesNotContain("did you mean");
        assertThat(Run.of("doctor", "echo", "weather").err()).contains("there is no place for 'weather'");
    }

    @Test
    void namesTheUnknownOptionRatherThanWhatIsMissing() {
        assertThat(Run.of("call", "--bogus").err())
                .contains("unknown option '--bogus'")
                .doesNotContain("issing");
        assertThat(Run.of("call", "--tiemout=1s").err()).contains("did you mean --timeout?");
        assertThat(Run.of("call").err()).contains("URL and TOOL are missing");
    }

    @Test
    void saysEverythingWhenAskedTwice() {
        assertThat(Run.of("config", "-vv").exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("-v", "config", "--verbose").exit()).isEqualTo(ExitCode.DONE);
        assertThat(Run.of("config", "-vx").err()).contains("unknown option '-x'");
    }

    @Test
    void helpIsACommandToo() {
        assertThat(Run.of("help").out()).startsWith("Usage: mcp-mtls [").contains("doctor");
        assertThat(Run.of("help", "cert", "rekey").out()).startsWith("Usage: mcp-mtls cert rekey ");
        assertThat(Run.of("help", "audit").out().replaceAll("\\s+", " ")).contains("[verify] Shows the audit log");
        assertThat(Run.of("help", "cert").out()).containsPattern("three steps without refusing a\\s+peer");
        Run unknown = Run.of("help", "cret");
        assertThat(unknown.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.err()).contains("there is no command 'cret'");
    }

    @Test
    void namesTheFlagThatWasTyped() {
        init();
        assertThat(Run.of("ask", "hello", "--timeout", "xx", "--dir", dir).err())
                .contains("mcp-mtls: --timeout: 'xx'");
        assertThat(Run.of("ask", "hello", "--coordinator-timeout", "xx", "--dir", dir)
                        .err())
                .contains("mcp-mtls: --coordinator-timeout: 'xx'");
        assertThat(Run.of("config", "--tls-engine", "xx").err()).contains("mcp-mtls: --tls-engine: 'xx'");
        assertThat(Run.of("serve", "echo", "--listen", "xx").err()).contains("mcp-mtls: --listen: 'xx'");
        assertThat(Run.of("config", "--engine", "jdk").out()).containsPattern("engine: jdk +# --engine");
    }

    @Test
    void suggestsWhatWasMeant() {
        assertThat(Run.of("srve").err()).contains("did you mean serve?");
        assertThat(Run.of("config", "--valdation", "strict").err()).contains("--validation");
        assertThat(Run.of("serve", "wether", "--dir", dir).err()).contains("weather, datetime, echo, and all");
        assertThat(Run.of("config", "--validation", "lax").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(Run.of(Map.of("MCP_MTLS_DRI", "x"), "config").err()).contains("did you mean MCP_MTLS_DIR?");
    }

    @Test
    void answersInJsonWhenItFails() {
        Run run = Run.of("cert", "list", "--json", "--dir", dir);

        assertThat(run.out())
                .startsWith("{\"error\":{\"exitCode\":2,\"kind\":\"usage\",\"message\":\"there are no credentials");
        assertThat(run.err()).startsWith("mcp-mtls: there are no credentials");
    }
}
