// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Agent.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Access rules over real connections, compared with another evaluator of them. */
@Timeout(60)
class RulesEvaluatorIT extends RuledServer {

    /** Hundreds of calls, each compared with what a few lines of Java make of rules that were drawn at random. */
    @ParameterizedTest
    @EnumSource(Era.class)
    void decidesAsANaiveEvaluatorDoes(Era era) throws Exception {
        Random random = new Random(era.ordinal() + 7L);
        List<String> names = List.of("alice", "bob");
        List<String> tools = List.of("a_read", "b_delete", "d_echo", "readme", "a");
        for (int round = 0; round < 12; round++) {
            List<Drawn> drawn = Stream.generate(() -> Drawn.at(random)).limit(4).toList();
            StringBuilder text = new StringBuilder("default: " + (round % 3 == 0 ? "permit" : "deny") + "\nrules:\n");
            for (int i = 0; i < drawn.size(); i++) {
                text.append("  - {name: r")
                        .append(i)
                        .append(", ")
                        .append(drawn.get(i).yaml())
                        .append("}\n");
            }
            backend.tools.clear();
            backend.tools.addAll(tools);
            serve(text.toString());
            for (String name : names) {
                Agent agent = agent(name);
                String session = agent.initialize();
                List<String> expected = new ArrayList<>();
                int id = 0;
                for (String tool : tools) {
                    for (int n : List.of(0, 5, 50)) {
                        String arguments = n == 0 ? "" : ",\"arguments\":{\"n\":" + n + "}";
                        boolean permits = Drawn.permits(drawn, round % 3 == 0, name, tool, n);
                        String call = "\"name\":\"" + tool + "\"" + arguments;
                        Answer answer = era == Era.MODERN
                                ? agent.send(agent.modern("tools/call", tool, call))
                                : agent.send(agent.legacy(
                                        session,
                                        "{\"jsonrpc\":\"2.0\",\"id\":" + ++id
                                                + ",\"method\":\"tools/call\",\"params\":{" + call + "}}"));
                        assertThat(answer.status())
                                .as("%s calls %s with %s by%n%s", name, tool, n, text)
                                .isEqualTo(permits ? 200 : 403);
                    }
                    if (Drawn.lists(drawn, round % 3 == 0, name, tool)) {
                        expected.add(tool);
                    }
                }
                assertThat(tools(era, agent)).as("%s by%n%s", name, text).containsExactlyInAnyOrderElementsOf(expected);
            }
            close();
        }
    }

    /** A rule with the few forms that this evaluator knows; a limit below zero is none. */
    private record Drawn(boolean denies, String peer, String pattern, int limit) {

        private static final List<String> PEERS = List.of("*", "alice", "bob", "al*");
        private static final List<String> PATTERNS = List.of("*", "a*", "*_read", "d_echo", "*e*", "a");

        static Drawn at(Random random) {
            return new Drawn(
                    random.nextInt(4) == 0,
                    PEERS.get(random.nextInt(PEERS.size())),
                    PATTERNS.get(random.nextInt(PATTERNS.size())),
                    random.nextInt(3) == 0 ? 10 : -1);
        }

        String yaml() {
            return "effect: " + (denies ? "deny" : "permit") + ", peers: \"spiffe://demo.local/agent/" + peer
                    + "\", tools: \"" + pattern + "\""
                    + (limit < 0 ? "" : ", when: \"call.arguments.n <= " + limit + "\"");
        }

        /** @param n the argument; 0 when there is none */
        boolean matches(String name, String tool, int n) {
            boolean holds = limit < 0 || (n == 0 ? denies : n <= limit);
            return holds && like(peer, name) && like(pattern, tool);
        }

        private static boolean like(String pattern, String text) {
            return text.matches(pattern.replace("*", ".*"));
        }

        /** Whether some arguments might be permitted: in doubt a permit matches and a deny does not. */
        static boolean lists(List<Drawn> rules, boolean byDefault, String name, String tool) {
            return permits(
                    rules.stream()
                            .filter(rule -> rule.limit < 0 || !rule.denies)
                            .map(rule -> new Drawn(rule.denies, rule.peer, rule.pattern, -1))
                            .toList(),
                    byDefault,
                    name,
                    tool,
                    0);
        }

        static boolean permits(List<Drawn> rules, boolean byDefault, String name, String tool, int n) {
            List<Drawn> matching =
                    rules.stream().filter(rule -> rule.matches(name, tool, n)).toList();
            return matching.isEmpty() ? byDefault : matching.stream().noneMatch(Drawn::denies);
        }
    }
}
