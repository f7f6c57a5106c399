// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "delete*, delete",
        "delete*, delete/all",
        "delete*, delete.all",
        "*_delete, x_delete",
        "*_delete, _delete",
        "get, get",
        "*, ''",
        "*, anything/at all",
        "**, a/b",
        "a*b*c, abc",
        "a*b*c, a/b/c",
        "a?c, a?c",
        "[ab], [ab]",
        "a\\*, a\\x",
        "é*, éa",
        "*a*, a",
        "**a**, bab",
    })
    void matchesNamesWithoutSegments(String pattern, String name) {
        assertThat(Glob.ofWhole(pattern).matches(name)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "delete*, Delete",
        "delete*, undelete",
        "*_delete, delete",
        "get, gets",
        "get, Get",
        "a?c, abc",
        "[ab], a",
        "ab*ba, aba",
        "'', a",
        "a*b*c, acb",
    })
    void matchesNoOtherNames(String pattern, String name) {
        assertThat(Glob.ofWhole(pattern).matches(name)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "a/*, a/",
        "a/*, a/b",
        "a/**, a/",
        "a/**, a/b/c",
        "a/*/c, a/b/c",
        "a/*/c, a//c",
        "**, a/b/c",
        "*, a",
        "**/c, a/b/c",
        "a*/c, a/c",
        "**.txt, a/b.txt",
        "a**z, az",
        "a**z, a/y/z",
        "*/*, a/b",
        "a***z, a/b/z",
        "a*b**c*d, axb/y/czd",
        "**a*/b, x/y/a1/b",
    })
    void matchesSegments(String pattern, String name) {
        assertThat(Glob.ofSegments(pattern, '/').matches(name)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "a/**, a",
        "a/*, a",
        "a/*, a/b/c",
        "*, a/b",
        "a/*/c, a/b/b/c",
        "**/c, c",
        "*.txt, a/b.txt",
        "*/*, a",
        "*/*, a/b/c",
        "a*b**c*d, a/b/czd",
        "**a*/b, x/a/1/b",
    })
    void matchesNothingAcrossSegments(String pattern, String name) {
        assertThat(Glob.ofSegments(pattern, '/').matches(name)).isFalse();
    }

    @Test
    void agreesWithARegularExpression() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            String pattern = text(random, "ab/**", 7);
            String name = text(random, "ab/", 7);
            assertThat(Glob.ofSegments(pattern, '/').matches(name))
                    .as("%s on %s", pattern, name)
                    .isEqualTo(regex(pattern).matcher(name).matches());
        }
    }

    @Test
    void coversAndIntersectsAsTheNamesSay() {
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            Glob one = Glob.ofSegments(text(random, "ab/**", 5), '/');
            Glob other = Glob.ofSegments(text(random, "ab/**", 5), '/');
            for (int j = 0; j < 20; j++) {
                String name = text(random, "ab/", 6);
                if (other.matches(name)) {
                    assertThat(!one.covers(other) || one.matches(name))
                            .as("%s covers %s on %s", one, other, name)
                            .isTrue();
                    assertThat(!one.matches(name) || one.intersects(other))
                            .as("%s and %s share %s", one, other, name)
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a*, ab*, true",
        "a*, a, true",
        "a*, b, false",
        "**, a/*, true",
        "*, **, false",
        "a/*, a/**, false",
        "a/**, a/*/b*, true"
    })
    void coversWhatItMatches(String one, String other, boolean covers) {
        assertThat(Glob.ofSegments(one, '/').covers(Glob.ofSegments(other, '/')))
                .isEqualTo(covers);
    }

    @ParameterizedTest
    @CsvSource({
        "a*, *b, true",
        "a*, b*, false",
        "a/*, a/**, true",
        "*, a/b, false",
        "a/*/c, **b**, true",
        "a, a, true",
        "a, b, false"
    })
    void intersectsWhatSharesAName(String one, String other, boolean intersects) {
        assertThat(Glob.ofSegments(one, '/').intersects(Glob.ofSegments(other, '/')))
                .isEqualTo(intersects);
        assertThat(Glob.ofSegments(other, '/').intersects(Glob.ofSegments(one, '/')))
                .isEqualTo(intersects);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.SECONDS)
    void isNotSlowedDownByHostileNames() {
        Glob pattern = Glob.ofSegments("**a*".repeat(200) + "b", '/');
        assertThat(pattern.matches("a".repeat(4000))).isFalse();
        assertThat(pattern.matches("a".repeat(4000) + "b")).isTrue();
    }

    private static String text(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(length + 1); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static Pattern regex(String pattern) {
        return Pattern.compile(
                pattern.replaceAll("\\*\\*+", "X").replace("*", "[^/]*").replace("X", ".*"));
    }
}
