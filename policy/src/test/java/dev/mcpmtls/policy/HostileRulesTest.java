// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.NOW;
import static dev.mcpmtls.policy.Asking.caller;
import static dev.mcpmtls.policy.Asking.permits;
import static dev.mcpmtls.policy.Asking.policy;
import static dev.mcpmtls.policy.Asking.problems;
import static dev.mcpmtls.policy.Asking.tool;
import static dev.mcpmtls.policy.Asking.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.policy.condition.Facts;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and calls that are written to be read in two ways, to cost much, or to do nothing. */
@Timeout(30)
class HostileRulesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "base: &b {tools: a}\\nrules: [{name: r, tools: a}]             | anchor",
                "rules: [{name: r, <<: {tools: a}}]                              | unknown key '<<'",
                "rules: [{name: r, tools: a, tools: b}]                          | second time",
                "rules: [{name: r, tools: a, \"tools\": b}]                      | second time",
                "rules: [{name: r, tools: a}]\\nrules: [{name: s, tools: b}]     | second time",
                "rules: [{name: r, tools: a}]\\n---\\nrules: [{name: s, tools: b}] | second document",
                "rules: [{name: r, tools: a}, {name: r, tools: b}]               | already",
                "rules: [{name: r, Tools: a}]                                    | did you mean 'tools'?",
                "rules: [{name: r, tools: a, effect: Deny}]                      | did you mean 'deny'?",
                "rules: [{name: r, tools: a, effect: no}]                        | cannot be 'no'",
                "default: on\\nrules: [{name: r, tools: a}]                      | cannot be 'on'",
                "mode: off\\nrules: [{name: r, tools: a}]                        | cannot be 'off'",
                "rules: [{name: r, tools: !!str a}]                              | tag",
                "rules: [{name: r, tools: ~}]                                    | no value",
                "rules: [{name: r, tools: [a, null]}]                            | no value",
                "rules: [{name: r, tools: {a: b}}]                               | plain words",
                "rules: [{name: r, tools: [[a]]}]                                | plain words",
                "rules: {name: r, tools: a}                                      | takes a list",
                "rules:\\n\\t- {name: r, tools: a}                               | tab",
                "rules: [{name: r, tools: a, when: ''}]                          | no value",
                "rules: [{name: r, tools: a, rate: 0/s}]                         | no rate",
                "rules: [{name: r, tools: a, rate: -1/s}]                        | no rate",
                "rules: [{name: r, tools: a, rate: 1e9/s}]                       | no rate",
                "rules: [{name: r, tools: a, rate: 1/ms}]                        | no rate",
                "rules: [{name: r, tools: a, effect: deny, rate: 1/s}]           | cannot have a rate",
                "rules: [{name: r, tools: a, peers: 'spiffe://demo.local/agent/'}] | empty segment",
                "rules: [{name: r, tools: a, peers: 'spiffe://demo.local//a'}]   | empty segment",
                "rules: [{name: r, tools: a, peers: 'SPIFFE://demo.local/a'}]    | of which kind",
                "rules: [{name: r, tools: a, peers: 'dns:a.example.'}]           | write it without the dot",
                "rules: [{name: r, tools: a, peers: 'dns:münchen.example'}]      | write dns:xn--mnchen-3ya.example",
                "rules: [{name: r, tools: a, peers: 'dns:*münchen.example'}]     | no DNS name",
                "rules: [{name: r, tools: a, peers: 'ip:::ffff:10.0.0.1'}]       | mapped",
                "rules: [{name: r, tools: a, peers: 'ip:10.0.0.1/8'}]            | write ip:10.0.0.0/8",
                "rules: [{name: r, tools: a, peers: 'ip:010.0.0.1'}]             | neither an IP address",
                "rules: [{name: r, tools: a, peers: 'ip:fe80::1%eth0'}]          | neither an IP address",
                "rules: [{name: r, tools: a, peers: 'pin:sha256/AAAA'}]          | no public-key pin",
                "rules: [{name: r, tools: a, peers: 'pin:sha256/*'}]             | no public-key pin",
                "rules: [{name: r, tools: a, peers: 'agent/*'}]                  | of which kind",
                "rules: [{name: r, tools: a, peers: '*'}]                        | of which kind",
                "rules: [{name: r, methods: tools/call, tools: a}]               | narrows nothing",
                "rules: [{name: r, tools: a, when: call.tool.matches(call.arguments.re)}] | not written out",
                "rules: [{name: r, tools: a, when: call.tool.matches('a' + 'b')}] | not written out",
                "rules: [{name: r, tools: a, when: 'matches(call.tool, peer.identity)'}] | not written out",
                "rules: [{name: r, tools: a, when: 'call.tool.matches(\"((a{1,99}){1,99}){1,99}\")'}] | more than 1000"
                        + " times",
                "rules: [{name: r, tools: a, when: 'call.tool.matches(\"(a{99}){99}{9,}\")'}] | more than 1000 times",
                "rules: [{name: r, tools: a, when: 'call.tool.matches(\"(a\")'}] | not a regular expression",
                "rules: [{name: r, resources: 'file:///a//**'}]                  | no name can match",
            })
    void aFileIsRefused(String text, String error) {
        assertThat(problems(text.replace("\\n", "\n").replace("\\t", "\t")))
                .anySatisfy(problem -> assertThat(problem).contains(error));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\uFEFFrules: [{name: r, tools: a}]",
                "rules: [{name: r, tools: a}]\n...\n",
                "---\nrules: [{name: r, tools: a}]",
                "%YAML 1.2\n---\nrules: [{name: r, tools: a}]",
                "rules: [{name: r, tools: a}] # comment",
                "rules:\r\n- {name: r, tools: a}\r\n",
                "{\"rules\": [{\"name\": \"r\", \"tools\": [\"a\"]}]}",
            })
    void aFileIsReadAsAnyEditorWritesIt(String text) {
        assertThat(permits(policy(text), tool("a"))).isTrue();
        assertThat(permits(policy(text), tool("b"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "on",
                "no",
                "yes",
                "off",
                "y",
                "1_000",
                "0x10",
                "0o14",
                "010",
                "1.50",
                "1e3",
                ".5",
                "2026-11-28",
                "12:30",
                "true",
                "="
            })
    void aWordIsTheTextThatIsWritten(String word) {
        Policy policy = policy("rules: [{name: " + word + ", tools: [" + word + "]}]");
        assertThat(policy.ruleNames()).containsExactly(word);
        assertThat(permits(policy, tool(word))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "servers: Weather        | did you mean 'weather'?",
                "servers: weather_mcp    | did you mean 'weather-mcp'?",
                "tools: GetForecast      | did you mean 'getForecast'?",
                "methods: Tools/Call     | did you mean 'tools/call'?",
                "methods: tools.call     | did you mean 'tools/call'?",
            })
    void aSelectorThatMatchesNothingIsReported(String selector, String hint) {
        Inventory inventory =
                new Inventory(Set.of("weather", "weather-mcp"), Set.of("getForecast"), Set.of(), Set.of());
        String tools = selector.startsWith("servers") ? ", tools: getForecast" : "";
        assertThat(warnings(inventory, "rules: [{name: r, " + selector + tools + "}]"))
                .anySatisfy(warning -> assertThat(warning).contains(hint));
    }

    /** In both effects: what cannot be evaluated is refused. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "call.arguments.absent == 1",
                "call.arguments.nothing > 0",
                "call.arguments.text > 0",
                "call.arguments.max + 1 > 0",
                "-call.arguments.min > 0",
                "1 / call.arguments.zero > 0",
                "1 % call.arguments.zero > 0",
                "int(call.arguments.huge) > 0",
                "int(call.arguments.text) > 0",
                "timestamp(call.arguments.text) < request.time",
                "duration(call.arguments.text) < duration('1s')",
                "call.arguments.list[7] == 1",
                "call.arguments.many.all(a, call.arguments.many.all(b, true))",
                "call.arguments.text",
            })
    void anErrorPermitsNothing(String condition) {
        for (String effect : List.of("permit", "deny")) {
            Policy policy = policy(
                    "default: " + (effect.equals("permit") ? "deny" : "permit"),
                    "rules: [{name: r, effect: " + effect + ", tools: a, when: \"" + condition + "\"}]");
            assertThat(permits(policy, tool("a", arguments()))).as(effect).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "call.arguments.nothing == null",
                "call.arguments.huge > 9.0e18",
                "call.arguments.max == 9223372036854775807",
                "call.arguments.one == 1",
                "call.arguments.list.exists(i, i == 2)",
                "!has(call.arguments.absent)",
                "size(call.arguments.text) == 5",
                "call.arguments.text.matches('^(a+)+$') == false",
                "call.arguments.long.matches('^(a+)+$') == false",
                "call.arguments['a.b'] == 1",
            })
    void aConditionHolds(String condition) {
        Policy policy = policy("rules: [{name: r, tools: a, when: \"" + condition + "\"}]");
        assertThat(permits(policy, tool("a", arguments()))).isTrue();
    }

    private static Map<String, Object> arguments() {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("nothing", null);
        arguments.put("text", "hello");
        arguments.put("long", "a".repeat(200_000) + "b");
        arguments.put("max", Long.MAX_VALUE);
        arguments.put("min", Long.MIN_VALUE);
        arguments.put("zero", 0);
        arguments.put("one", new BigDecimal("1.000"));
        arguments.put("huge", BigInteger.TEN.pow(400));
        arguments.put("list", List.of(1, 2, 3));
        arguments.put("many", Collections.nCopies(500, 1));
        arguments.put("a.b", 1);
        return arguments;
    }

    @Test
    void argumentsOfAnyDepthAreDecided() {
        Map<String, Object> deep = Map.of("x", 1);
        for (int i = 0; i < 100_000; i++) {
            deep = Map.of("x", deep);
        }
        Map<String, Object> deepest = deep;
        Policy policy = policy("rules: [{name: r, tools: a, when: has(call.arguments.x)}]");
        assertThat(permits(policy, tool("a", deepest))).isFalse();
    }

    @Test
    void callsAtOnceTakeNoMoreThanTheRate() throws Exception {
        Buckets buckets = new Buckets();
        Caller caller = caller("spiffe://demo.local/agent/a");
        Rate rate = Rate.parse("100/h");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Callable<Integer>> streams = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            streams.add(() -> {
                int taken = 0;
                for (int call = 0; call < 1000; call++) {
                    taken += buckets.take("r", rate, caller, NOW).isEmpty() ? 1 : 0;
                }
                return taken;
            });
        }
        int taken = 0;
        for (Future<Integer> stream : threads.invokeAll(streams, 20, TimeUnit.SECONDS)) {
            taken += stream.get();
        }
        threads.shutdownNow();
        assertThat(taken).isEqualTo(100);
    }

    @Test
    void tenThousandPeersHaveABucketEach() {
        Buckets buckets = new Buckets();
        Rate rate = Rate.parse("1/h");
        for (int i = 0; i < 10_000; i++) {
            Caller caller = caller("spiffe://demo.local/agent/a" + i);
            assertThat(buckets.take("r", rate, caller, NOW)).isEmpty();
            assertThat(buckets.take("r", rate, caller, NOW)).isPresent();
        }
        assertThat(buckets.size()).isEqualTo(10_000);
    }

    @Test
    void absentArgumentsAreAnEmptyMap() {
        Policy policy = policy("rules: [{name: r, tools: a, when: size(call.arguments) == 0}]");
        assertThat(permits(policy, tool("a"))).isTrue();
        Caller caller = caller("dns:a.example");
        assertThat(policy.decide(
                                policy.candidates(caller, tool("a", Map.of("x", 1))),
                                Facts.calling(caller, tool("a", Map.of("x", 1)), NOW),
                                Policy.Meter.NONE)
                        .rule())
                .isEmpty();
    }
}
