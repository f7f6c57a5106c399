// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.policy;
import static dev.mcpmtls.policy.Asking.problems;
import static dev.mcpmtls.policy.Asking.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyReaderTest {

    /** The lines of a rule named a, each error's place and words. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("    toools: [a]\n    prompts: a", "3:5: unknown key 'toools'", "did you mean 'tools'?"),
                mistake("    Tools: [a]\n    prompts: a", "3:5: unknown key 'Tools'", "did you mean 'tools'?"),
                mistake("    condition: x\n    prompts: a", "3:5: unknown key 'condition'", "did you mean 'when'?"),
                mistake(
                        "    effect: allow\n    tools: a",
                        "3:13: 'effect' cannot be 'allow'",
                        "did you mean 'permit'?"),
                mistake("    effect: Deny\n    tools: a", "3:13: 'effect' cannot be 'Deny'", "did you mean 'deny'?"),
                mistake("    tools: []", "3:12: 'tools' is an empty list", "add an element"),
                mistake("    tools:", "3:11: 'tools' has no value", "write a value"),
                mistake("    tools: ''", "3:12: 'tools' has no value", "write a value"),
                mistake("    tools: [a, '']", "3:16: 'tools' has no value", "write a value"),
                mistake("    tools: a\n    peers: []", "4:12: 'peers' is an empty list", "remove the key"),
                mistake("    tools: {a: b}", "3:12: 'tools' takes plain words", "write a value"),
                mistake("    tools: [[a]]", "3:13: 'tools' takes plain words", "write a value"),
                mistake("    tools: a\n    tools: b", "4:5: 'tools' is here a second time", "keep one"),
                mistake("    tools: [*]", "3:13: a value begins with '*'", "put it in quotes"),
                mistake("    tools: [*_delete]", "3:13: this is an alias or anchor", "in quotes"),
                mistake("    tools: &x [a]", "3:12: this is an alias or anchor", "in quotes"),
                mistake("    tools: !!str a", "3:12: this is a tag", "in quotes"),
                mistake("    tools: a\n    when: !has(call.arguments.x)", "4:11: this is a tag", "in quotes"),
                mistake("    peers: ['spiffe://a/**']", "2:5: the rule does not say what it is about", "add 'tools'"),
                mistake(
                        "    tools: a\n    peers: agent/*",
                        "4:12: 'peers' has a pattern that no name can match, 'agent/*'",
                        "begin it with spiffe://"),
                mistake(
                        "    tools: a\n    peers: ['dns:a', 'spiffe://a//b']",
                        "4:22: 'peers' has a pattern",
                        "spiffe://demo.local"),
                mistake("    tools: a\n    peers: ip:10.0.0.1/8", "4:12: 'peers' has a pattern", "write ip:10.0.0.0/8"),
                mistake(
                        "    tools: a\n    rate: 60/minute",
                        "4:11: 'rate' cannot be '60/minute'",
                        "for example 60/min"),
                mistake("    tools: a\n    rate: 0/s", "4:11: 'rate' cannot be '0/s'", "from 1"),
                mistake("    tools: a\n    rate: 60", "4:11: 'rate' cannot be '60'", "for example 60/min"),
                mistake(
                        "    tools: a\n    effect: deny\n    rate: 1/s",
                        "5:5: a deny cannot have a rate",
                        "permit with the rate"),
                mistake("    tools: a\n    assurance: verified", "4:16: 'assurance' cannot be 'verified'", "claimed"),
                mistake("    tools: a\n    methods: [tools/call]", "4:5: 'methods' covers tools/call", "remove one"),
                mistake("    tools: a\n    methods: '*'", "4:5: 'methods' covers tools/call", "remove one"),
                mistake("    prompts: a\n    methods: prompts/*", "4:5: 'methods' covers prompts/get", "remove one"),
                mistake(
                        "    resources: a\n    methods: resources/read",
                        "4:5: 'methods' covers resources/read",
                        "remove one"),
                mistake(
                        "    tools: a\n    when: peer.identty == 'x'",
                        "4:11: unknown variable",
                        "did you mean 'peer.identity'?"),
                mistake(
                        "    tools: a\n    when: 'true && peer.identty == 1'",
                        "4:20: unknown variable",
                        "did you mean 'peer.identity'?"),
                mistake(
                        "    tools: a\n    when: |\n      call.tool == 'a'\n      && call.tol == 'b'",
                        "6:10: unknown variable",
                        "did you mean 'call.tool'?"),
                mistake(
                        "    tools: a\n    when: >-\n      call.tool == 'a'\n      && call.tol == 'b'",
                        "4:11: unknown variable",
                        "did you mean 'call.tool'?"),
                mistake("    tools: a\n    when:", "4:10: 'when' has no value", "remove the key"),
                mistake("    tools: a\n    when: [true]", "4:11: 'when' takes plain words", "write a value"),
                mistake("    tools: a\n  - tools: b", "4:5: the rule has no name", "add 'name: …'"),
                mistake(
                        "    tools: a\n  - name: a\n    tools: b",
                        "4:11: a rule of the name 'a' is at policy.yaml:2:11",
                        "another name"),
                mistake(
                        "    tools: a\n  - name: " + "n".repeat(129) + "\n    tools: b",
                        "4:11: the name is longer",
                        "short one"),
                mistake("    tools: a\n  - name: \"a\\nb\"\n    tools: b", "4:11: the name is longer", "short one"),
                mistake(
                        "    tools: a\n  - b",
                        "4:5: keys with values are expected here, not one value",
                        "name: agents"),
                mistake("    tools: " + "a".repeat(2049), "3:12: the pattern is longer than 2048", "use '*'"),
                mistake(
                        "    tools: a\n    when: " + "true".repeat(1100),
                        "4:11: the condition is longer than 4096",
                        "split the rule"),
                mistake("\ttools: [a]", "3:1: there is a tab", "indent with spaces"),
                mistake("    tools: [a", "3:12: the list that begins with '['", "close it with ']'"),
                mistake("    tools: 'a", "3:12: the quotation mark is never closed", "close it"),
                mistake("    when: a: b", "3:12: there is a ':' too many", "in quotes"),
                mistake("   tools: a", "3:4: the line is not indented", "one column"),
                mistake("    tools: a\n---\nx: 1", "5:1: a second document begins", "remove the '---'"),
                mistake("    tools: " + "9".repeat(2000), "3:12: this number has more than 100 digits", ""));
    }

    private static Arguments mistake(String lines, String error, String remedy) {
        return Arguments.of(lines, error, remedy);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void anErrorHasItsPlaceAndItsRemedy(String lines, String error, String remedy) {
        assertThat(problems("rules:", "  - name: a", lines))
                .anySatisfy(problem ->
                        assertThat(problem).startsWith("policy.yaml:" + error).contains(remedy));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nothing",
                "rules:",
                "rules: []",
                "default: permit",
                "[]",
                "- a",
                "text",
                "rules: {}",
                "rules: a",
                "~"
            })
    void refusesAFileWithoutRules(String text) {
        assertThat(problems(text)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default: alow", "mode: dry", "defalt: deny", "mode: ", "default: [deny]"})
    void refusesAMistakeAboveTheRules(String line) {
        assertThat(problems(line, "rules: [{name: a, tools: a}]"))
                .singleElement()
                .asString()
                .startsWith("policy.yaml:1:");
    }

    @Test
    void reportsAllErrorsInTheOrderOfTheFile() {
        assertThat(problems("mode: dry", "rules:", "  - name: a", "    peers: x", "    tools: []", "  - tools: b"))
                .extracting(problem -> problem.substring(0, 15))
                .containsExactly("policy.yaml:1:7", "policy.yaml:4:1", "policy.yaml:5:1", "policy.yaml:6:5");
    }

    @Test
    void aPlainWordIsAListOfOneAndDefaultsAreDenyAndEnforce() {
        Policy policy = policy(
                "rules:", "  - name: r", "    peers: spiffe://demo.local/**", "    servers: weather", "    tools: a");
        assertThat(policy.fallback()).isEqualTo(Effect.DENY);
        assertThat(policy.mode()).isEqualTo(Policy.Mode.ENFORCE);
        assertThat(verdict(policy, Asking.tool("a"))).isEqualTo("permit r");
        assertThat(verdict(policy, Asking.tool("b"))).isEqualTo("deny");
    }

    @Test
    void wordsThatYamlTakesForOtherThingsAreWords() {
        Policy policy = policy("rules: [{name: 1, tools: [404, true, 1.0, yes, 0x1F]}]");
        for (String tool : new String[] {"404", "true", "1.0", "yes", "0x1F"}) {
            assertThat(verdict(policy, Asking.tool(tool))).isEqualTo("permit 1");
        }
    }

    @Test
    void boundsTheNumberOfRulesAndPatterns() {
        String rules = "rules:\n";
        for (int i = 0; i <= 1000; i++) {
            rules += "  - {name: r" + i + ", tools: a}\n";
        }
        assertThat(problems(rules)).singleElement().asString().contains("more than 1000 rules");
        assertThat(problems(rules.replace("  - {name: r1000, tools: a}\n", ""))).isEmpty();
        assertThat(problems("rules: [{name: a, tools: [" + "a,".repeat(1001) + "]}]"))
                .singleElement()
                .asString()
                .contains("more than 1000 patterns");
    }

    @Test
    void readsAFile(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("policy.yaml"), "rules: [{name: ä, tools: a}]");
        assertThat(Policy.load(file).ruleNames()).containsExactly("ä");
    }

    @Test
    void refusesAFileThatIsMissingTooLargeOrNoText(@TempDir Path directory) throws IOException {
        assertBad(directory.resolve("missing.yaml"), "there is no such file");
        assertBad(directory, "");
        assertBad(Files.write(directory.resolve("large.yaml"), new byte[1024 * 1024 + 1]), "larger than");
        assertBad(
                Files.write(directory.resolve("latin.yaml"), "rules: ä".getBytes(StandardCharsets.ISO_8859_1)),
                "not text in UTF-8");
    }

    private static void assertBad(Path file, String cause) {
        assertThatExceptionOfType(BadPolicyException.class)
                .isThrownBy(() -> Policy.load(file))
                .withMessageStartingWith(file + ":")
                .withMessageContaining(cause);
    }
}
