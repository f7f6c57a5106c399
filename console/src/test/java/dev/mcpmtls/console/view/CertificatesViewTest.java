// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import static dev.mcpmtls.console.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.console.Events;
import dev.mcpmtls.console.source.AuditSource;
import dev.mcpmtls.console.source.RulesSource;
import dev.mcpmtls.console.source.ServerSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.metrics.AuditWatch;
import dev.mcpmtls.metrics.Health;
import dev.mcpmtls.policy.FileAccessPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertificatesViewTest {

    @ParameterizedTest
    @CsvSource({"-1,23,ok", "-17,7,due", "-21,3,overdue", "-25,-1,expired", "1,24,notYetValid"})
    void aCredentialHasOneOfTheStates(int fromHours, int untilHours, String status) {
        Map<String, Object> own = certificates(view(fromHours, untilHours)).stream()
                .filter(entry -> "own".equals(entry.get("kind")))
                .findFirst()
                .orElseThrow();

        assertThat(own)
                .containsEntry("name", "weather")
                .containsEntry("status", status)
                .containsEntry("usedBy", List.of("weather-mcp"))
                .containsEntry("notAfter", at(untilHours).toString());
        assertThat((List<?>) own.get("chain")).hasSize(2);
    }

    @Test
    void theMostUrgentComesFirst() {
        assertThat(certificates(view(-21, 3)).get(0))
                .containsEntry("kind", "own")
                .containsEntry("status", "overdue");
        assertThat(certificates(view(-1, 100_000)).get(0)).containsEntry("kind", "anchor");
    }

    @Test
    void ourAnchorVouchesForOurTrustDomain() {
        Map<String, Object> anchor = certificates(view(-1, 23)).stream()
                .filter(entry -> "anchor".equals(entry.get("kind")))
                .findFirst()
                .orElseThrow();

        assertThat(anchor)
                .containsEntry("binding", "ours")
                .containsEntry("vouchesFor", List.of("spiffe://demo.local/**", "dns:**", "ip:**"))
                .doesNotContainKey("renewalDueAt");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> certificates(Map<String, Object> view) {
        return (List<Map<String, Object>>) view.get("certificates");
    }

    private static Instant at(int hours) {
        return NOW.plus(Duration.ofHours(hours));
    }

    private static Map<String, Object> view(int fromHours, int untilHours) {
        Chain chain = new Chain(Events.CA
                .server("weather", spec -> spec.valid(at(fromHours), at(untilHours)))
                .chain());
        FileAccessPolicy none = FileAccessPolicy.loadIfPresent(Path.of("nothing.yaml"), () -> NOW);
        Sources sources = new Sources(
                "1",
                () -> NOW,
                new Health(() -> NOW),
                new RulesSource(none, () -> "none", Set.of()),
                new AuditSource(Optional.empty(), new AuditWatch(), () -> 0));
        sources.add(new ServerSource(
                "weather-mcp",
                "weather",
                URI.create("https://localhost:8443/mcp"),
                List.of(),
                Events.VERIFIER,
                new ServerSource.Presented("weather", () -> chain),
                Optional::empty,
                Map::of));
        return new CertificatesView(sources).all();
    }
}
