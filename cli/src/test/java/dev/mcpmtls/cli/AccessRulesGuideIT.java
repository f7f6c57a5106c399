// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The five minutes of the guide, with a hosted client whose certificate has a DNS name only, from an authority of its own. */
@Timeout(120)
class AccessRulesGuideIT {

    private static final Path GUIDE = Path.of("../docs/guides/access-rules.md");
    private static final String CHATGPT = "mtls.prod.connectors.openai.com";

    @TempDir
    private Path directory;

    private String guide = "";
    private Path store;

    @BeforeEach
    void init() throws Exception {
        guide = Files.readString(GUIDE);
        store = directory.resolve("store");
        assertThat(run("init").exit()).isEqualTo(ExitCode.DONE);
        Files.writeString(store.resolve("policy.yaml"), example(0));
    }

    /** A block of example 2: its rules, then its cases. */
    private String example(int block) {
        return Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(guide.substring(guide.indexOf("### 2."), guide.indexOf("### 3.")))
                .results()
                .map(found -> found.group(1))
                .toList()
                .get(block);
    }

    private Run run(String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--dir", store.toString()));
        return Run.of(all.toArray(String[]::new));
    }

    @Test
    void theCommandsSayWhatTheGuideSays() throws Exception {
        List<Run> runs = guide.substring(0, guide.indexOf("## A policy"))
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("mcp-mtls policy"))
                .map(line -> run(line.substring("mcp-mtls ".length()).split(" ")))
                .toList();

        assertThat(runs).hasSize(4).allMatch(run -> run.exit() == ExitCode.DONE);
        assertThat(runs.get(0).out()).contains("3 rules, default deny, enforce; no mistake was found");
        assertThat(runs.get(1).out()).startsWith("permitted by rule 'coordinator'");
        assertThat(runs.get(2).out()).startsWith("permitted by rule 'short-echoes-for-chatgpt'");
        assertThat(runs.get(3).out()).startsWith("denied, no rule permits it");
        Path cases = Files.writeString(directory.resolve("cases.yaml"), example(1));
        assertThat(run("policy", "test", cases.toString()).exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void aClientWithADnsNameMayDoWhatTheRulesSay() throws Exception {
        Path provider = directory.resolve("provider");
        Run.of("init", "--dir", provider.toString());
        issue(provider);
        issue(store);
        try (RunningServers running = RunningServers.start(settings(provider), Keys.ECHO)) {
            String url = running.member("echo").uri().toString();
            Path chatgpt = provider.resolve("credentials/chatgpt");

            assertThat(as(chatgpt, "whoami", url).out())
                    .contains("You are dns:" + CHATGPT + " (VERIFIED)", "tools: echo");
            assertThat(as(chatgpt, "call", url, "echo", "text=hello").out()).contains("hello");
            Run denied = as(chatgpt, "call", url, "echo", "text=" + "x".repeat(1001));
            assertThat(denied.exit()).as(denied.err()).isEqualTo(ExitCode.DENIED);
            assertThat(denied.err()).contains("no rule permits ");

            assertThat(run("call", url, "echo", "text=" + "x".repeat(1001)).exit())
                    .isEqualTo(ExitCode.DONE);
            assertThat(run("call", url, "delete_all").err()).contains("rule 'no-deletes' denies it");

            Run own = as(store.resolve("credentials/chatgpt"), "call", url, "echo", "text=hello");
            assertThat(own.exit())
                    .as("our own authority does not vouch for that name")
                    .isEqualTo(ExitCode.REFUSED);
        }
        assertThat(run("audit", "--action", "tls-rejected").out()).contains("ISSUER_NOT_ALLOWED_FOR_NAME");
        assertThat(run("audit", "--action", "call-denied").out()).contains(CHATGPT, "no-deletes");
    }

    private static void issue(Path issuing) {
        Run issued = Run.of(
                "cert", "issue", "chatgpt", "--purpose", "client", "--san", CHATGPT, "--dir", issuing.toString());
        assertThat(issued.exit()).as(issued.err()).isEqualTo(ExitCode.DONE);
    }

    private Run as(Path credential, String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--credential", credential.toString(), "--trust-anchors", ours().toString()));
        return run(all.toArray(String[]::new));
    }

    private Path ours() {
        return store.resolve("credentials/echo/ca.crt");
    }

    private Settings settings(Path provider) throws Exception {
        return Settings.load(Files.writeString(directory.resolve("settings.yaml"), """
                dir: %s
                servers: {echo: {listen: "127.0.0.1:0"}}
                tls:
                  trust-anchors:
                    - %s
                    - {file: %s, for: ["dns:%s"]}
                """.formatted(
                        store, ours(), provider.resolve("credentials/chatgpt/ca.crt"), CHATGPT)));
    }
}
