// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksTest {

    private static final Inventory NOTHING = Inventory.unknown();

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{name: r, methods: [initialize]}; 'initialize' is never decided",
                "{name: r, methods: [ping]}; permitted to every accepted peer anyway",
                "{name: r, methods: ['*/list']}; permitted to every accepted peer anyway",
                "{name: r, methods: [resources/subscribe]}; permitted by the resource or prompt",
                "{name: r, methods: [completion/complete]}; permitted by the resource or prompt",
                "{name: r, methods: [tool/call]}; did you mean 'tools/call'?",
                "{name: r, tools: a, when: 1 > 2}; its condition is never true",
                "{name: r, tools: a, when: 1 / 0 > 2}; its condition is never true",
                "{name: d, effect: deny, tools: '*'}, {name: r, tools: a}; 'd' denies all that it permits",
                "{name: r, tools: a}, {name: d, effect: deny, tools: '*'}; 'd' denies all that it permits",
                "{name: e, tools: 'a*'}, {name: r, peers: 'dns:*', tools: ab}; 'e' before it matches all that it matches",
                "{name: e, peers: 'dns:**', tools: 'a*'}, {name: r, peers: 'dns:*', tools: ab}; 'e' before it matches",
                "{name: e, effect: deny, tools: '*'}, {name: r, effect: deny, tools: a}; 'e' before it matches",
                "{name: r, effect: deny, tools: a, assurance: claimed}, {name: p, tools: b}; changes nothing",
                "{name: r, effect: deny, tools: a}; every call is denied",
                "{name: d, effect: deny, resources: 'file:///a/../b'}, {name: p, tools: b}; only URIs that are written like that",
            })
    void findsARuleThatDoesNotDoWhatItSays(String rules, String warning) {
        assertThat(warnings(NOTHING, "rules: [" + rules + "]"))
                .anySatisfy(problem -> assertThat(problem).contains(warning));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{name: r, tools: a}",
                "{name: p, tools: b}, {name: r, effect: deny, methods: [ping, resources/subscribe, completion/complete]}",
                "{name: r, methods: ['*']}",
                "{name: r, tools: a, when: call.tool == 'a'}",
                "{name: e, tools: 'a*', when: call.tool == 'a'}, {name: r, tools: a}",
                "{name: e, tools: 'a*', rate: 1/s}, {name: r, tools: a}",
                "{name: e, peers: 'dns:*', tools: 'a*'}, {name: r, tools: a}",
                "{name: e, peers: 'dns:*', tools: 'a*'}, {name: r, peers: 'dns:*', tools: a, assurance: claimed}",
                "{name: e, servers: w, tools: 'a*'}, {name: r, tools: a}",
                "{name: e, tools: 'a*'}, {name: r, tools: a, prompts: a}",
                "{name: d, effect: deny, tools: a, when: call.arguments.x == 1}, {name: r, tools: a}",
                "{name: r, tools: a, assurance: claimed}",
                "{name: d, effect: deny, resources: 'HTTPS://Host:443/my%20docs/**'}, {name: r, tools: a}",
            })
    void leavesOtherRulesAlone(String rules) {
        assertThat(warnings(NOTHING, "rules: [" + rules + "]")).isEmpty();
    }

    @Test
    void findsNamesThatThereAreNot() {
        Inventory inventory =
                new Inventory(Set.of("weather", "weather-mcp"), Set.of("getForecast"), Set.of(), Set.of("file:///a"));
        assertThat(
                        warnings(
                                inventory,
                                "rules:",
                                "  - {name: r, servers: [weathr], tools: [getForcast], prompts: [any], resources: ['file:///b']}"))
                .containsExactly(
                        "policy.yaml:2:12: rule 'r': no server matches 'weathr'\n  did you mean 'weather'?",
                        "policy.yaml:2:12: rule 'r': no tool matches 'getForcast'\n  did you mean 'getForecast'?",
                        "policy.yaml:2:12: rule 'r': no resource matches 'file:///b'\n  did you mean 'file:///a'?");
        assertThat(
                        warnings(
                                inventory,
                                "rules: [{name: r, servers: ['w*'], tools: ['get*'], prompts: [any], resources: ['file:///*']}]"))
                .isEmpty();
    }
}
