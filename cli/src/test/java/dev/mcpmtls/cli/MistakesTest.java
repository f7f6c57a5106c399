// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.client.ListedTool;
import dev.mcpmtls.cli.client.ToolArguments;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Mistyped commands: each message says once what is wrong, and what helps. */
class MistakesTest {

    private static final String CALL = "call https://localhost:1/mcp echo ";

    @TempDir
    Path directory;

    private String store = "";

    @BeforeEach
    void init() {
        store = directory.resolve("store").toString();
        assertThat(Run.of("init", "--dir", store).code()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                CALL + "--credential nobody | 'mcp-mtls cert issue nobody --dir",
                "inti | did you mean init?",
                "cert shwo x | did you mean show?",
                CALL + "--credential cordinator | did you mean coordinator?",
                CALL + "--credential ./nothing | there is no credential at ./nothing",
                CALL + "--credential .. | tls.key does not exist",
                "serve echo --credential nobody | 'mcp-mtls cert issue nobody --purpose server --dir",
                CALL + "--trust-anchors nosuch.crt | mcp-mtls: --trust-anchors: there is no file",
                CALL + "--revocation-crl nosuch.pem | mcp-mtls: --revocation-crl: there is no file",
                CALL + "--revocation-deny-list nosuch | mcp-mtls: --revocation-deny-list: there is no file",
                CALL + "--cipher-suites TLS_AES_128_GCM_SHA25 | did you mean TLS_AES_128_GCM_SHA256?",
                CALL + "--cipher-suites TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 | tls.min-version",
                CALL + "--groups P256 | did you mean P-256?",
                CALL + "--crl x | did you mean --revocation-crl?",
                CALL + "--max-body 5 | did you mean --http-max-body?",
                CALL + "--args { | not JSON, at character 2 of line 1",
                CALL + "--args [] | not a JSON object",
                CALL + "--args null | not a JSON object",
                CALL + "--timeout 5 | is not a duration such as 10s",
                "call wether echo | did you mean weather?",
                "call https://localhost:99999/mcp echo | has the port '99999'",
                "tools https://localhost:65536/mcp | has the port '65536'",
                "doctor https://localhost:99999/mcp | has the port '99999'",
                "cert show https://localhost:99999 | has the port '99999'",
                "cert show http://localhost | plain HTTP",
                "cert show ../../no-such-place/.. | no credential",
                "cert renew ../x | not a credential's name",
                "ask hello --coordinator-servers https://localhost:99999 | --coordinator-servers:"
                        + " 'https://localhost:99999' has the port",
                "ask hello --coordinator-servers nosuch | --coordinator-servers: there is no server",
                "serve ech | did you mean echo? There are weather",
                "serve echo --listen localhost:99999 | is not a number from 0 to 65535",
                "serve echo --listen 127.0.0.1:0 --health-listen ::1:80 | brackets",
                "cert issue x --purpose nosuch | --purpose: 'nosuch' is none of",
                "serve echo --relax expired | mcp-mtls: --relax has no effect while tls.validation is strict",
                "demo --json | demo prints no JSON",
                "frobnicate | there is no command 'frobnicate'",
            })
    void isToldWhatHelps(String command, String told) {
        Run run = Run.of((command + " --dir " + store).split(" "));

        assertThat(run.exit()).as(run.err()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(told).doesNotContain("Exception", "java.", "internal error");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--url http://192.0.2.1/mcp | plain HTTP beyond this machine",
                "-- no-such-program --flag | has the command 'no-such-program', which is no program here",
                "-- ./no/such/program | has the command './no/such/program', which is no program here",
            })
    void nothingIsIssuedForAServerThatCannotRun(String server, String told) {
        Run run = Run.of(("serve crm --listen 127.0.0.1:0 --dir " + store + " " + server).split(" "));

        assertThat(run.exit()).as(run.err()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(told).doesNotContain("issued");
        assertThat(directory.resolve("store/credentials/crm")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "cert renew nosuch | correct the name, or run 'mcp-mtls cert issue nosuch'",
                "cert issue echo | renew it ('mcp-mtls cert rekey echo'), or choose another name",
                "cert issue x --lifetime 9999d | choose at most",
                "cert revoke nosuch | run 'mcp-mtls cert list'",
                "cert rollover finish | run 'mcp-mtls cert rollover status' for the next step",
                "cert show nosuch | 'mcp-mtls cert list' shows those of the store",
            })
    void theRemedyHasALineOfItsOwn(String command, String remedy) {
        Run run = Run.of((command + " --dir " + store).split(" "));

        assertThat(run.err().lines()).hasSize(2);
        assertThat(run.err().lines().skip(1).findFirst().orElseThrow()).startsWith("  " + remedy);
    }

    @Test
    void anEmptyStoreIsSentToInitAndAFileIsNot() throws Exception {
        String none = directory.resolve("none").toString();
        assertThat(Run.of("call", "echo", "echo", "--dir", none).err()).contains("run 'mcp-mtls init --dir " + none);

        String file = Files.createFile(directory.resolve("afile")).toString();
        assertThat(Run.of("call", "echo", "echo", "--dir", file).err()).contains("it is not a directory");
        assertThat(Run.of("init", "--dir", file).err())
                .isEqualTo("mcp-mtls: cannot make the directory " + file
                        + ": it exists, and is not a directory\n  choose another --dir\n");
        assertThat(Run.of("config", "--dir", "").err()).contains("--dir: is empty");
    }

    @Test
    void aDirectoryWithABlankIsRepeatedInQuotes() {
        assertThat(Run.of("init", "--dir", directory.resolve("my $tore").toString())
                        .out())
                .contains("serve all --dir \"" + directory + "/my \\$tore\"");
    }

    @Test
    void aStoreWithoutAuthorityNamesWhatItHas() throws Exception {
        ThrowawayCa ca = ThrowawayCa.root("CA");
        Path other = directory.resolve("other");
        ca.client("planner").writeTo(other.resolve("credentials/planner"), ca.certificate());

        assertThat(Run.of("call", "echo", "echo", "--credential", "x", "--dir", other.toString())
                        .err())
                .contains("there are planner")
                .doesNotContain("init", "cert issue");
    }

    @Test
    void exchangedFilesAreNamed() throws Exception {
        ThrowawayCa ca = ThrowawayCa.root("CA");
        Issued agent = ca.client("agent");
        Path credential = agent.writeTo(directory.resolve("agent"), ca.certificate());
        assertThat(told(credential)).doesNotContain("exchange");

        Path key = credential.resolve("tls.key");
        Path chain = credential.resolve("tls.crt");
        byte[] certificate = Files.readAllBytes(chain);
        Files.write(chain, Files.readAllBytes(key));
        Files.write(key, certificate);
        assertThat(told(credential)).contains("tls.crt holds the key and tls.key the certificate\n  exchange the two");
    }

    private String told(Path credential) {
        return Run.of("tools", "https://localhost:1", "--credential", credential.toString(), "--dir", store)
                .err();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "nosuch --json | there is no command",
                "call --json | URL and TOOL are missing",
                "call https://localhost:0 echo --json | has the port",
                "serve nosuch --json | there is no server",
                "audit --action nosuch --json | no record can have",
                "completion --json | prints no JSON",
            })
    void isToldInJson(String command, String told) {
        Run run = Run.of((command + " --dir " + store).split(" "));
        JsonNode error = JsonMapper.shared().readTree(run.out()).get("error");

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(error.get("exitCode").asInt()).isEqualTo(2);
        assertThat(error.get("message").asString()).contains(told);
    }

    @Test
    void theTableOfSettingsIsJsonToo() {
        JsonNode keys = JsonMapper.shared()
                .readTree(Run.of("config", "--keys", "--json").out())
                .get("keys");

        assertThat(keys.size()).isGreaterThan(50);
        assertThat(keys.get(0).get("key").asString()).isEqualTo("dir");
    }

    @Test
    void anArgumentThatIsGivenTwiceIsRefused() {
        ListedTool tool = new ListedTool(Map.of("name", "echo"), "echo");

        assertThat(ToolArguments.parse(tool, List.of("a=1", "b=2"))).containsOnlyKeys("a", "b");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> ToolArguments.parse(tool, List.of("a=1", "a=2")))
                .hasMessageContaining("'a' is given twice");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> ToolArguments.parseJson("{\"a\":1,\"a\":2}"))
                .hasMessageContaining("Duplicate");
    }

    @Test
    void onlyADefectOfOursIsAnInternalError() {
        assertThat(Failure.of(new IllegalStateException("broken")).lines().get(0))
                .startsWith("internal error: ");
        assertThat(Failure.of(new java.io.UncheckedIOException(
                                new java.nio.file.FileSystemException("a/b", null, "No space left on device")))
                        .lines())
                .containsExactly("a/b: No space left on device");
    }
}
