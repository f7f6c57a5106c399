// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.PolicyReloadFailed;
import dev.mcpmtls.audit.AuditEvent.PolicyReloaded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesReloadTest {

    private static final String DENY = "default: deny\nrules: [{name: r, tools: a}]\n";
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-29T00:00:00Z"));

    @TempDir
    private Path directory;

    private final List<AuditEvent> events = new ArrayList<>();
    private Path file;
    private FileAccessPolicy policy;
    private RulesReload reload;

    @BeforeEach
    void load() throws IOException {
        file = Files.writeString(directory.resolve("policy.yaml"), DENY);
        policy = FileAccessPolicy.load(file, CLOCK);
        reload = new RulesReload(
                policy,
                Set.of("weather"),
                event -> {
                    events.add(event);
                    return CompletableFuture.completedFuture(null);
                },
                CLOCK);
    }

    @Test
    void recordsNewRules() throws IOException {
        Files.writeString(file, "default: permit\nrules: [{name: r, tools: a}]\n");

        reload.attempt(false);

        assertThat(policy.summary()).isEqualTo("1 rule of " + file + ", default permit");
        assertThat(events).containsExactly(new PolicyReloaded(CLOCK.instant(), file.toString(), policy.summary()));
    }

    @Test
    void recordsNothingWhenTheRulesAreTheSame() {
        reload.attempt(false);
        assertThat(events).isEmpty();
    }

    @Test
    void recordsThatBrokenRulesWereMended() {
        reload.attempt(true);
        assertThat(events).hasExactlyElementsOfTypes(PolicyReloaded.class);
    }

    @Test
    void keepsTheLastGoodRulesAndRecordsWhyOnOneLine() throws IOException {
        Files.writeString(file, "rulez: []\n");

        assertThatThrownBy(() -> reload.attempt(false)).isInstanceOf(BadPolicyException.class);
        reload.failed("it is broken\n  mend it");

        assertThat(policy.summary()).endsWith("default deny");
        assertThat(events)
                .containsExactly(new PolicyReloadFailed(CLOCK.instant(), file.toString(), "it is broken; mend it"));
    }
}
