// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.auditlog.Vocabulary;
import dev.mcpmtls.cli.invocation.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuditWordsTest {

    @TempDir
    Path directory;

    @BeforeEach
    void init() {
        assertThat(Run.of("init", "--dir", directory.toString()).code()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "--action, tls-rejectd, tls-rejected",
        "--action, nosuch, there are audit-resumed",
        "--reason, EXPIRD, EXPIRED",
        "--reason, NOPE, there are AUDIT_UNAVAILABLE",
        "--reason, EXPIRED;, EXPIRED",
    })
    void aMisspeltWordIsRefusedWithTheOneThatWasMeant(String option, String word, String meant) {
        Run run = Run.of("audit", option, word, "--dir", directory.toString());

        assertThat(run.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(run.err()).contains(option, "'" + word + "'", meant);
    }

    @ParameterizedTest
    @CsvSource({
        "--action, certificate-issued",
        "--action, CERTIFICATE-ISSUED",
        "--reason, expired",
        "--reason, bad-signature"
    })
    void aKnownWordIsNot(String option, String word) {
        assertThat(Run.of("audit", option, word, "--dir", directory.toString()).code())
                .isZero();
    }

    @Test
    void saysThatNothingMatches() {
        Run none = Run.of("audit", "--action", "tls-rejected", "--dir", directory.toString());
        Run some = Run.of("audit", "--action", "certificate-issued", "--dir", directory.toString());

        assertThat(none.out()).isEmpty();
        assertThat(none.err()).contains("no record of", "audit.jsonl matches");
        assertThat(some.err()).isEmpty();
    }

    @Test
    void saysWhichLineIsNoRecord() throws IOException {
        Path log;
        try (Stream<Path> files = Files.walk(directory)) {
            log = files.filter(file -> file.endsWith("audit.jsonl")).findFirst().orElseThrow();
        }
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        lines.set(1, lines.get(1).substring(5));
        Files.write(log, lines);

        Run run = Run.of("audit", "--dir", directory.toString());

        assertThat(run.out().lines()).hasSize(lines.size() - 1);
        assertThat(run.err()).contains("line 2 of " + log);
    }

    /** Records get their reasons in other modules: their sources say which there are. */
    @Test
    void knowsEveryReasonThatRecordsCanHave() throws IOException {
        assertThat(Vocabulary.REASONS.words())
                .containsAll(words(
                        "auditlog/src/main/java/dev/mcpmtls/auditlog/EventFields.java", "\"([A-Z]+(?:_[A-Z]+)+)\""))
                .containsAll(words(
                        "tls/src/main/java/dev/mcpmtls/tls/handshake/HandshakeFailure.java",
                        "return \"([A-Z]+(?:_[A-Z]+)+)\""));
    }

    private static List<String> words(String source, String pattern) throws IOException {
        String text = Files.readString(Path.of("..").resolve(source));
        List<String> words = Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
        assertThat(words).as(source).isNotEmpty();
        return words;
    }
}
