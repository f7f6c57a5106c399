// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.ConnectionFacts.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyTest {

    @TempDir
    private Path directory;

    @Test
    void hasTheWordsOfThisVersion() {
        assertThat(Vocabulary.ACTIONS.has("tls-rejected")).isTrue();
        assertThat(Vocabulary.REASONS.has("EXPIRED")).isTrue();
        assertThat(Vocabulary.REASONS.has("TORN_RECORD")).isTrue();
    }

    @Test
    void hasNoOthers() {
        assertThat(Vocabulary.ACTIONS.has("nosuch")).isFalse();
        assertThat(Vocabulary.REASONS.has("NOPE")).isFalse();
        assertThat(Vocabulary.REASONS.has("tls-rejected")).isFalse();
    }

    @Test
    void learnsWhatAnotherVersionRecorded() throws IOException {
        Path file = directory.resolve("audit.jsonl");
        try (AuditLog log = AuditLog.open(AuditSettings.of(file), "test")) {
            log.record(Events.refused(Side.SERVER, "why")).toCompletableFuture().join();
        }
        Files.writeString(file, Files.readString(file).replace("HANDSHAKE_TIMEOUT", "OF_TOMORROW"));

        assertThat(Vocabulary.REASONS.with(file))
                .contains("OF_TOMORROW", "EXPIRED")
                .doesNotContain("NOPE");
    }
}
