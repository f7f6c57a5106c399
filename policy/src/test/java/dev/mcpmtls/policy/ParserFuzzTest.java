// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the file says: a policy or our own exception, soon. */
class ParserFuzzTest {

    private static final String GOOD = """
            # comment
            default: deny
            mode: enforce
            rules:
              - name: agents
                peers: ["spiffe://demo.local/agent/*", 'dns:*.example.com', ip:10.0.0.0/8]
                servers: [weather]
                tools: ["get*", echo]
                rate: 60/min
                when: size(string(call.arguments.text)) <= 1000 && peer.assurance == "VERIFIED"
              - name: no
                effect: deny
                resources: ["file:///etc/**"]
                when: |
                  call.arguments.all(k, k != 'x')
            """;

    private static final List<String> PIECES = List.of(
            "*a",
            "&a ",
            "!!binary ",
            "!x ",
            "<<: ",
            "{",
            "}",
            "[",
            "]",
            "- ",
            "? ",
            ": ",
            "|\n",
            ">\n",
            "'",
            "\"",
            "\\",
            "\t",
            "\n",
            "\r",
            "\u0000",
            "\ufeff",
            "\u2028",
            "---\n",
            "...\n",
            "%YAML 1.2\n",
            "#",
            "~",
            "null",
            ".nan",
            "1e999",
            "0b1",
            "true",
            "**",
            "//",
            "ä",
            "\ud800",
            "    ");

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void mutatedFilesAreReadOrRefused() {
        Random random = new Random(42);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(GOOD);
            for (int change = random.nextInt(4); change >= 0; change--) {
                mutate(text, random);
            }
            read += isRead(text.toString()) ? 1 : 0;
        }
        assertThat(read).isBetween(100, 19_900);
    }

    private static void mutate(StringBuilder text, Random random) {
        int at = random.nextInt(text.length() + 1);
        switch (random.nextInt(4)) {
            case 0 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
            case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(20)));
            case 2 -> text.insert(at, (char) random.nextInt(0x250));
            default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(60))));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[", "{", "{a: ", "- ", "? ", "[{a: ", "'", "\"", "&a [", "a: [", "!a ", "|", "a:\n", "- - ", "{? ",
                "%", "#", "*a ", "9", "\"\\x"
            })
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void deepNestingIsRefused(String piece) {
        assertThat(isRead(piece.repeat(20_000))).isFalse();
        assertThat(isRead("rules:\n  - name: " + piece.repeat(5_000))).isFalse();
        assertThat(isRead("rules:\n  - name: a\n    tools: a\n    when: '"
                        + piece.repeat(800).replace("'", "''") + "'"))
                .isFalse();
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void manyLaughsAreRefused() {
        StringBuilder text = new StringBuilder("a0: &a0 [lol]\n");
        for (int i = 1; i < 30; i++) {
            text.append("a")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append(" [")
                    .append(("*a" + (i - 1) + ",").repeat(9))
                    .append("]\n");
        }
        assertThat(isRead(text.toString())).isFalse();
        assertThat(isRead(text + "rules: *a29")).isFalse();
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void aTextOverTheBoundIsRefused() {
        assertThat(isRead("#" + " ".repeat(1024 * 1024))).isFalse();
    }

    private static boolean isRead(String text) {
        try {
            Policy.parse("policy.yaml", text).check(Inventory.unknown());
            return true;
        } catch (BadPolicyException e) {
            assertThat(e.problems()).isNotEmpty();
            return false;
        }
    }
}
