// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.runtime.RunningServers;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Access rules at the command line: written, checked, explained, tested and met. */
@Timeout(120)
class PolicyCommandIT {

    private static final String CHATGPT = "dns:mtls.prod.connectors.openai.com";

    private static final String RULES = """
        rules:
          - name: coordinator
            peers: ["spiffe://demo.local/agent/coordinator"]
            methods: ["*"]
          - name: short-echoes-for-chatgpt
            peers: ["dns:mtls.prod.connectors.openai.com"]
            tools: [echo]
            when: size(string(call.arguments.text)) <= 10
          - name: no-deletes
            effect: deny
            tools: ["delete*", "*_delete"]
        """;

    @TempDir
    private Path directory;

    private Path store;
    private Path policy;

    @BeforeEach
    void init() {
        store = directory.resolve("store");
        policy = store.resolve("policy.yaml");
        assertThat(run("init").out()).contains("access rules");
    }

    private Run run(String... words) {
        String[] all = java.util.Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--dir";
        all[words.length + 1] = store.toString();
        return Run.of(all);
    }

    private static JsonNode json(Run run) {
        return JsonMapper.shared().readTree(run.out());
    }

    @Test
    void theFirstInitWritesRulesAndALaterOneNever() throws IOException {
        assertThat(run("policy", "check").exit()).isEqualTo(ExitCode.DONE);
        assertThat(run("policy", "explain", "--peer", "coordinator", "echo", "echo")
                        .out())
                .startsWith("permitted by rule 'our-agents'");
        Files.delete(policy);

        assertThat(run("init").exit()).isEqualTo(ExitCode.DONE);

        assertThat(policy).doesNotExist();
        assertThat(run("policy", "explain", "--peer", "dns:a.example", "echo", "echo")
                        .out())
                .startsWith("permitted because there is no ");
    }

    @Test
    void checkNamesThePlaceAndTheRemedy() throws IOException {
        Path bad = Files.writeString(
                directory.resolve("bad.yaml"), "rules:\n  - name: a\n    pears: [x]\n    tools: [x]\n");

        Run checked = run("policy", "check", bad.toString());
        JsonNode asJson = json(run("policy", "check", bad.toString(), "--json"));

        assertThat(checked.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(checked.err()).contains("bad.yaml:3:5: unknown key 'pears'", "did you mean 'peers'?");
        assertThat(asJson.at("/errors/0/line").asInt()).isEqualTo(3);
        assertThat(asJson.at("/errors/0/remedy").asString()).isEqualTo("did you mean 'peers'?");
    }

    @Test
    void checkWarnsAndSucceeds() throws IOException {
        Files.writeString(policy, "rules:\n  - {name: a, servers: [weathr], tools: [x]}\n");

        Run checked = run("policy", "check");

        assertThat(checked.exit()).isEqualTo(ExitCode.DONE);
        assertThat(checked.err()).contains("no server matches 'weathr'");
        assertThat(checked.out()).contains("1 warning");
    }

    @Test
    void checkRefusesAFileThatServersRefuse() throws IOException {
        Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rw-rw-rw-"));

        Run checked = run("policy", "check");

        assertThat(checked.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(checked.err()).contains("cannot be trusted", "chmod go-w");
        assertThat(checked.out()).isEmpty();
    }

    @Test
    void aMissingFileComesWithAnExampleThatWorks() throws IOException {
        Files.delete(policy);

        String told = run("policy", "check").err();

        assertThat(told).contains("there is no such file").doesNotContain("init");
        Files.writeString(policy, told.substring(told.indexOf("rules: ")).strip());
        assertThat(run("policy", "check").exit()).isEqualTo(ExitCode.DONE);
        assertThat(run("policy", "test", "nocases.yaml").err()).contains("for example cases: [");
    }

    @Test
    void explainTakesTheTokenThatACallIsMadeWith() throws IOException {
        Files.writeString(
                policy,
                "rules: [{name: alices, subjects: ['https://login.test#alice'], scopes: [say], tools: [echo]}]");
        String[] call = {"policy", "explain", "--peer", "coordinator", "echo", "echo", "--issuer", "https://login.test"
        };

        assertThat(run(with(call, "--subject", "alice", "--scope", "say")).out())
                .startsWith("permitted by rule 'alices'")
                .contains("with a token of https://login.test#alice");
        assertThat(run(with(call, "--subject", "alice")).out())
                .startsWith("denied")
                .contains("scopes: the access token");
        assertThat(run(with(call, "--subject", "bob", "--scope", "say")).out()).startsWith("denied");
        assertThat(run(call).err()).contains("give --issuer and --subject");
    }

    private static String[] with(String[] words, String... more) {
        return java.util.stream.Stream.of(words, more)
                .flatMap(java.util.Arrays::stream)
                .toArray(String[]::new);
    }

    @Test
    void explainWarnsOfAServerThatIsNotThereAndWritesNamesAsRulesDo() throws IOException {
        Files.writeString(policy, RULES);

        Run explained = run("policy", "explain", "--peer", CHATGPT, "ecoh", "echo");

        assertThat(explained.err()).contains("no server 'ecoh' is configured here; did you mean echo?");
        assertThat(explained.out()).contains("for " + CHATGPT, "none matches " + CHATGPT);
        assertThat(run("policy", "explain", "--peer", CHATGPT, "echo", "echo").err())
                .isEmpty();
        assertThat(run("policy", "explain", "--peer", CHATGPT, "echo", "echo", "text")
                        .err())
                .contains("'text' is not key=value")
                .doesNotContain("takes no");
    }

    @Test
    void explainDecidesWithArguments() throws IOException {
        Files.writeString(policy, RULES);

        JsonNode permitted = json(run("policy", "explain", "--peer", CHATGPT, "echo", "echo", "text=hello", "--json"));
        JsonNode denied = json(run(
                "policy",
                "explain",
                "--peer",
                CHATGPT,
                "echo-mcp",
                "echo",
                "--args",
                "{\"text\": \"much too long\"}",
                "--json"));
        JsonNode other = json(run("policy", "explain", "--peer", CHATGPT, "echo", "--prompt", "echo", "--json"));

        assertThat(permitted.at("/decision").asString()).isEqualTo("permit");
        assertThat(permitted.at("/rule").asString()).isEqualTo("short-echoes-for-chatgpt");
        assertThat(permitted.at("/considered")).hasSize(3);
        assertThat(denied.at("/decision").asString()).isEqualTo("deny");
        assertThat(denied.at("/rule").isNull()).isTrue();
        assertThat(denied.at("/considered/1/why").asString()).isEqualTo("when: it is false");
        assertThat(other.at("/decision").asString()).isEqualTo("deny");
        assertThat(run("policy", "explain", "--peer", CHATGPT, "echo").exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run("policy", "explain", "--peer", "nobody", "echo", "echo").exit())
                .isEqualTo(ExitCode.USAGE);
    }

    @Test
    void inShadowModeExplainSaysWhatEnforcingWouldDo() throws IOException {
        Files.writeString(policy, "mode: shadow\n" + RULES);

        JsonNode shadow = json(run("policy", "explain", "--peer", "coordinator", "files", "delete_all", "--json"));

        assertThat(shadow.at("/decision").asString()).isEqualTo("permit");
        assertThat(shadow.at("/would").asString()).isEqualTo("deny");
        assertThat(shadow.at("/rule").asString()).isEqualTo("no-deletes");
    }

    @Test
    void testPrintsWhatDiffersAndExitsWith5() throws IOException {
        Files.writeString(policy, RULES);
        Path good = Files.writeString(
                directory.resolve("good.yaml"),
                "cases:\n  - {peer: coordinator, server: files, tool: delete_all, expect: deny, rule: no-deletes}\n");
        Path bad = Files.writeString(
                directory.resolve("bad.yaml"),
                "cases:\n  - {peer: coordinator, server: echo, tool: echo, expect: deny}\n");

        assertThat(run("policy", "test", good.toString()).exit()).isEqualTo(ExitCode.DONE);
        Run different = run("policy", "test", bad.toString());
        assertThat(different.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(different.out()).contains("bad.yaml:2:5", "rule 'coordinator'", "1 of 1 case differ");
    }

    @Test
    void commandsMeetTheRulesOfARunningServer() throws IOException {
        Settings settings = settings();
        try (RunningServers running = RunningServers.start(settings, Keys.ECHO)) {
            String url = running.member("echo").uri().toString();
            assertThat(run("whoami", url).out())
                    .contains("You are spiffe://demo.local/agent/coordinator (VERIFIED)", "tools: echo")
                    .doesNotContain("access token");
            assertThat(run("call", url, "echo", "text=hi").exit()).isEqualTo(ExitCode.DONE);

            Files.writeString(policy, RULES.replace("\"delete*\"", "echo"));
            await(() -> running.access().policy().policy().ruleNames().contains("no-deletes"));

            Run denied = run("call", url, "echo", "text=hi");
            assertThat(denied.exit()).as(denied.err()).isEqualTo(ExitCode.DENIED);
            assertThat(denied.err()).contains("denied: rule 'no-deletes' denies it");
            Files.writeString(policy, "rules: [{name: others, tools: [other]}]\n");
            await(() -> running.access().policy().policy().ruleNames().contains("others"));
            assertThat(run("call", url, "echo", "text=hi").err())
                    .contains("denied: no rule permits spiffe://demo.local/agent/coordinator to call echo at " + url);
            assertThat(run("tools", url).out()).doesNotContain("echo(");
            JsonNode me = json(run("whoami", url, "--json"));
            assertThat(me.at("/caller/identity").asString()).isEqualTo("spiffe://demo.local/agent/coordinator");
            assertThat(me.at("/tools")).isEmpty();

            Files.writeString(policy, "rules: [");
            await(() -> running.access().policy().broken().isPresent());
            assertThat(run("call", url, "echo", "text=hi").exit()).isEqualTo(ExitCode.DENIED);
        }
        assertThat(run("audit", "--action", "policy-reloaded").out()).contains("access rules reloaded");
        assertThat(run("audit", "--action", "policy-reload-failed").out()).contains("policy.yaml:1:");
        assertThat(run("audit", "--action", "call-denied").out())
                .contains("no-deletes")
                .doesNotContain("text");
    }

    @Test
    void aBrokenFileStopsServe() throws IOException {
        Files.writeString(policy, "rules: [");

        Run served = run("serve", "echo", "--listen", "127.0.0.1:0");

        assertThat(served.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(served.err()).contains("policy.yaml:1:");
        Files.delete(policy);
        assertThat(run("serve", "echo", "--listen", "127.0.0.1:0", "--access-file", "other.yaml")
                        .err())
                .contains("--access-file: there is no file");
    }

    private Settings settings() throws IOException {
        return Settings.load(Files.writeString(
                directory.resolve("settings.yaml"),
                "dir: " + store + "\nservers: {echo: {listen: \"127.0.0.1:0\"}}\n"));
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
