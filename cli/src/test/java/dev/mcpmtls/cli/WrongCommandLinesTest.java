// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The form of what every command says about a wrong command line, on a terminal of 80 columns. {@link MistakesTest} has the words. */
class WrongCommandLinesTest {

    /** {@code $} is the directory of the test, which has the store, and files that are not what they should be. */
    private static final String WRONG = """
        frob
        version
        serv all
        cert
        cert shwo weather
        cert lst
        authority sevre
        policy
        host ad claude-code x https://localhost:1/mcp
        audit verfy
        help cert nosuch
        config --kys
        prepare now
        -x
        cert list extra
        call
        call echo
        tools
        serve
        doctor
        cert show
        cert issue
        cert renew
        cert rollover
        cert rollover frobnicate
        authority invite
        join
        pins
        policy test
        policy explain --peer coordinator
        host add claude-code
        call echo echo --args {
        call echo echo --args []
        call echo echo a=b --args {}
        call echo echo --timeout 5
        call echo echo --timeout 99999999d
        call nosuch echo
        call http://localhost:8445/mcp echo
        call ftp://localhost/mcp echo
        call https:///mcp echo
        call https://localhost:abc/mcp echo
        call https://user:pw@localhost:8445/mcp echo
        call localhost:8445 echo
        call echo echo --credential cordinator
        call echo echo --credential ./nothing
        call echo echo --trust-anchors nosuch.crt
        ask hello --planner modell
        ask hello --planner model
        tools echo --pin --accept=echo
        tools echo --accept=nosuch
        pins nosuch
        serve nosuch
        serve echo --listen 8445
        serve echo --listen 127.0.0.1:99999
        serve echo --listen :8445
        serve echo --credential nosuch
        serve echo --validation relaxd
        serve echo --validation pinned
        serve echo --validation relaxed --listen 0.0.0.0:0
        serve echo --relax expired
        serve echo --tls-min-version 1.1
        serve echo --http-max-body 5x
        serve echo --limits-connections 0
        serve echo --audit-file /dev/null
        serve echo --access-file nosuch.yaml
        serve files --
        serve files -- no-such-program
        serve files --url ftp://x
        serve files --url http://192.0.2.1/mcp
        serve fi/les -- cat
        serve all -- cat
        serve files --process shred -- cat
        serve files --max-processes 0 -- cat
        config --config nosuch.yaml
        config --config $/misspelt.yaml
        config --config $/entry.yaml
        config --config $/broken.yaml
        config --config $
        init --trust-domain Bad.Domain
        init --authority-key RSA-1024
        init --passphrase-file nosuch
        init --authority-lifetime 1000000d
        audit --since yesterday
        audit --reason NOSUCH
        audit --action tls-rejectd
        audit verify --kept nosuch
        cert show nosuch
        cert show $/misspelt.yaml
        cert check --within soon
        cert issue weather
        cert issue ../x
        cert issue x --purpose nosuch
        cert issue x --lifetime 9999d
        cert issue x --san bad_name!
        cert issue x --san 1.2.3.4.5
        cert issue x --csr nosuch.csr --out $/out/tls.crt
        cert issue x --csr $/misspelt.yaml --out $/out/tls.crt
        cert issue x --out $/out/tls.crt
        cert renew nosuch
        cert renew --all weather
        cert revoke nosuch
        cert revoke weather --reason nosuch
        cert delete nosuch --yes
        cert rollover finish
        authority serve --listen nosuch
        authority invite weather
        authority invite laptop --uses many
        authority invite laptop --ttl never
        authority uninvite nosuch
        join nosuch
        join mcpmtls1_nosuch
        join $/misspelt.yaml
        policy check nosuch.yaml
        policy check $/rules.yaml
        policy explain --peer nosuch echo echo
        policy explain --peer dns: echo echo
        policy explain --peer coordinator echo echo text
        policy explain --peer coordinator echo --prompt a --resource b
        policy test $/misspelt.yaml
        host add nosuch files https://localhost:1/mcp
        host add claude-code files http://localhost:1/mcp --yes
        host remove nosuch files
        """;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void makeAStoreAndWrongFiles() throws IOException {
        assertThat(Run.of("init", "--dir", store()).code()).isZero();
        Files.writeString(directory.resolve("misspelt.yaml"), "tls: {validaton: strict}\n");
        Files.writeString(
                directory.resolve("entry.yaml"), "servers:\n  files: {listen: \"127.0.0.1:0\", comand: [cat]}\n");
        Files.writeString(directory.resolve("broken.yaml"), "tls: [\n");
        Files.writeString(
                directory.resolve("rules.yaml"),
                "rules:\n  - name: a\n    tols: ['*']\n  - effect: dny\n    rate: fast\n");
    }

    private static String store() {
        return directory.resolve("store").toString();
    }

    @Test
    void eachIsAMistakeOfTheUsersInLinesThatFit() {
        SoftAssertions softly = new SoftAssertions();
        for (String line : WRONG.lines().toList()) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Console console = Console.ofWidth(new ByteArrayOutputStream(), err, 80);
            int code = Cli.run(console, Map.of("MCP_MTLS_DIR", store()), words(line));

            List<String> told = err.toString(StandardCharsets.UTF_8).lines().toList();
            softly.assertThat(code).as(line).isEqualTo(ExitCode.USAGE.number());
            softly.assertThat(told)
                    .as(line)
                    .filteredOn(part -> part.startsWith("mcp-mtls: "))
                    .hasSize(1);
            softly.assertThat(told)
                    .as(line)
                    .allSatisfy(part -> assertThat(part)
                            .hasSizeLessThanOrEqualTo(directory.toString().length() + 80)
                            .doesNotContain("Exception", "java.", "internal error", "\tat ")
                            .doesNotMatch(".*; (run|use|write|check|correct|choose|set|give) .*"));
            softly.assertThat(told.stream().filter(part -> !part.contains(directory.toString())))
                    .as(line)
                    .allSatisfy(part -> assertThat(part).hasSizeLessThanOrEqualTo(80));
        }
        softly.assertAll();
    }

    private static String[] words(String line) {
        return line.replace("$", directory.toString()).split(" ");
    }
}
