// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The x509-limbo vectors. {@code -Dlimbo.file=…} runs another file in the same format; its findings are printed the same way.
 */
class LimboTest {

    private record Disagreement(String id, String expected, String actual, String why) {
        @Override
        public String toString() {
            return id + " | " + expected + " | " + actual + " | " + why;
        }
    }

    @TempDir
    private Path directory;

    @Test
    void agreesWithTheSecurityCoreExceptWhereItSaysWhy() throws IOException {
        List<JsonNode> cases = cases();
        List<JsonNode> core = cases.stream().filter(LimboCase::isCore).toList();
        List<JsonNode> webOnly =
                cases.stream().filter(Predicate.not(LimboCase::isCore)).toList();
        List<Disagreement> disagreements = disagreements(core);
        report("security core", core.size(), disagreements);
        report("web only", webOnly.size(), disagreements(webOnly));

        assertThat(disagreements)
                .as("accepts bad")
                .noneMatch(disagreement -> disagreement.expected().equals("FAILURE"));
        assertThat(disagreements).as("rejects good").hasSizeLessThanOrEqualTo(2);
        if (System.getProperty("limbo.file") == null) {
            assertThat(disagreements.stream().map(d -> d.id() + " | " + d.expected() + " | " + d.actual()))
                    .as("exceptions.txt, stale entries included")
                    .containsExactlyInAnyOrderElementsOf(exceptions());
        }
    }

    private List<Disagreement> disagreements(List<JsonNode> cases) {
        List<Disagreement> disagreements = new ArrayList<>();
        for (JsonNode one : cases) {
            String expected = one.get("expected_result").asString();
            LimboCase.Result actual = LimboCase.run(one, directory);
            if (!expected.equals(actual.outcome())) {
                disagreements.add(new Disagreement(one.get("id").asString(), expected, actual.outcome(), actual.why()));
            }
        }
        return disagreements;
    }

    private static void report(String name, int cases, List<Disagreement> disagreements) {
        long acceptsBad = disagreements.stream()
                .filter(d -> d.expected().equals("FAILURE"))
                .count();
        System.out.printf(
                "limbo, %s: %d cases, accepts bad %d, rejects good %d%n",
                name, cases, acceptsBad, disagreements.size() - acceptsBad);
        disagreements.forEach(disagreement -> System.out.println("  " + disagreement));
    }

    private static List<JsonNode> cases() throws IOException {
        String other = System.getProperty("limbo.file");
        try (InputStream in = other == null
                ? Objects.requireNonNull(LimboTest.class.getResourceAsStream("/limbo/limbo-dev.json"))
                : Files.newInputStream(Path.of(other))) {
            List<JsonNode> cases = new ArrayList<>();
            JsonMapper.builder().build().readTree(in).get("testcases").forEach(cases::add);
            return cases;
        }
    }

    private static Set<String> exceptions() throws IOException {
        try (InputStream in = Objects.requireNonNull(LimboTest.class.getResourceAsStream("/limbo/exceptions.txt"))) {
            Set<String> exceptions = new HashSet<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .forEach(line -> exceptions.add(line.substring(0, line.lastIndexOf(" | "))));
            return exceptions;
        }
    }
}
