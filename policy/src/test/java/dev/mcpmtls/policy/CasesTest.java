// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mcpmtls.trust.Assurance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CasesTest {

    private final Policy policy = policy(
            "mode: shadow",
            "rules:",
            "  - {name: r, peers: ['spiffe://a/*'], servers: echo, tools: echo, when: 'call.arguments.n == 1 && call.arguments.f == 1.5'}",
            "  - {name: p, prompts: p, resources: 'a://*', methods: tasks/get}",
            "  - {name: pin, peers: 'pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', tools: t}");

    @Test
    void tellsWhatDiffers(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("cases.yaml"), """
                cases:
                  - {name: one, peer: spiffe://a/b, server: echo, tool: echo, arguments: {n: 1, f: 1.5, l: [null, {}]}, expect: permit, rule: r}
                  - {name: two, peer: spiffe://a/b, server: echo, tool: echo, expect: deny}
                  - {name: three, peer: spiffe://a/b, server: echo, tool: echo, expect: permit}
                  - {peer: 'dns:x', server: any, prompt: p, expect: permit, rule: r}
                  - {peer: 'ip:10.0.0.1', server: any, resource: 'a://b', expect: deny}
                  - {peer: 'dns:x', server: any, method: tasks/get, expect: permit, rule: p}
                  - {peer: 'spiffe://a/b', assurance: claimed, server: echo, tool: echo, arguments: {n: 1, f: 1.5}, expect: deny}
                  - {peer: 'spiffe://a/b pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', assurance: pinned, server: s, tool: t, expect: permit, rule: pin}
                """);
        List<Cases.Result> results = Cases.load(file, name -> new Cases.Server(name, name), Callers::named)
                .test(policy, Asking.NOW);
        assertThat(results)
                .extracting(result -> result.difference().orElse(""))
                .containsExactly(
                        "",
                        "",
                        "expected permit, but it is deny by no rule",
                        "expected rule 'r' to decide, but it is permit by rule 'p'",
                        "expected deny, but it is permit by rule 'p'",
                        "",
                        "",
                        "");
        assertThat(results.get(0).of().name()).isEqualTo("one");
        assertThat(results.get(3).of().name()).isEmpty();
        assertThat(results.get(3).of().at()).hasToString(file + ":5:5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "[]; an empty list",
                "[{}]; no 'peer'",
                "[{pear: a}]; did you mean 'peer'?",
                "[{peer: 'dns:a', server: b, tool: c}]; no 'expect'",
                "[{peer: 'dns:a', server: b, tool: c, expect: allow}]; did you mean 'permit'?",
                "[{peer: 'dns:a', server: b, expect: deny}]; exactly one of tool, prompt, resource, method",
                "[{peer: 'dns:a', server: b, tool: c, prompt: d, expect: deny}]; exactly one of",
                "[{peer: agent, server: b, tool: c, expect: deny}]; begin it with spiffe://",
                "[{peer: 'ip:10.0.0.0/8', server: b, tool: c, expect: deny}]; begin it with spiffe://",
                "[{peer: 'ip:localhost', server: b, tool: c, expect: deny}]; neither an IP address nor",
                "[{peer: 'dns:a', server: b, tool: c, expect: deny, arguments: 5}]; 'arguments' takes keys",
                "[{peer: 'dns:a', server: b, tool: c, expect: deny, assurance: sure}]; 'assurance' cannot be",
            })
    void refusesAMistake(String cases, String words) {
        assertThatExceptionOfType(BadPolicyException.class)
                .isThrownBy(() -> Cases.parse("cases.yaml", "cases: " + cases, Callers::named))
                .withMessageStartingWith("cases.yaml:1:")
                .withMessageContaining(words);
    }

    @Test
    void refusesAFileWithoutCases() {
        for (String text : new String[] {"", "rules: []", "a"}) {
            assertThatExceptionOfType(BadPolicyException.class)
                    .isThrownBy(() -> Cases.parse("cases.yaml", text, Callers::named));
        }
    }

    @Test
    void aPinAloneIsPinned() {
        String pin = "pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assertThat(Callers.named(pin, Optional.empty()).assurance()).isEqualTo(Assurance.PINNED);
        assertThat(Callers.named("dns:a " + pin, Optional.empty()).assurance()).isEqualTo(Assurance.VERIFIED);
        assertThat(Callers.named("dns:a, " + pin, Optional.of(Assurance.CLAIMED))
                        .pin())
                .isPresent();
    }
}
