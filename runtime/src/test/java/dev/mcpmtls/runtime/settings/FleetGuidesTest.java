// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.runtime.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The settings, figures and shippers in the guides about fleets. */
class FleetGuidesTest {

    private static final Pattern YAML = Pattern.compile("```yaml\\n([\\s\\S]*?)```");
    private static final Pattern ROW = Pattern.compile(
            "\\| (\\d+) (h|d) \\| ([\\d.]+) a day \\| ([\\d.]+) a day \\| ([\\d.]+) a second \\| (\\d+) (min|h|d) \\|");
    private static final double RENEWED_AT = 0.425;
    private static final YAMLMapper MAPPER = new YAMLMapper();

    @TempDir
    private Path directory;

    @Test
    void theIssuingLoadIsThatOfTheFormula() throws IOException {
        List<MatchResult> rows = ROW.matcher(guide("scaling.md")).results().toList();
        assertThat(rows).hasSize(4);
        for (MatchResult row : rows) {
            double seconds = Integer.parseInt(row.group(1)) * (row.group(2).equals("h") ? 3_600 : 86_400);
            double each = 1 / (RENEWED_AT * seconds);
            assertThat(row.group(3)).isEqualTo(threeDigits(86_400 * each));
            assertThat(Double.parseDouble(row.group(4))).isCloseTo(100 * 86_400 * each, offset(1.0));
            assertThat(row.group(5)).isEqualTo(threeDigits(10_000 * each));
            int unit = row.group(7).equals("min") ? 60 : row.group(7).equals("h") ? 3_600 : 86_400;
            assertThat(Integer.parseInt(row.group(6)) * unit).isEqualTo((int) (seconds / 2));
        }
    }

    @Test
    void theSettingsAreRead() throws IOException {
        for (String guide : List.of("replicas.md", "scaling.md")) {
            List<String> settings =
                    blocks(guide).filter(yaml -> yaml.startsWith("servers:")).toList();
            assertThat(settings).as(guide).hasSize(1);
            Settings read = Settings.load(Files.writeString(directory.resolve("mcp-mtls.yaml"), settings.get(0)));
            assertThat(guide.equals("replicas.md")
                            == read.find(Keys.HEALTH_DRAIN).isPresent())
                    .isTrue();
        }
    }

    /** They name fields and a form of time; the audit log has both. */
    @Test
    void theShippersFindWhatTheyName() throws IOException {
        List<JsonNode> shippers = blocks("scaling.md")
                .filter(yaml -> yaml.contains("audit.jsonl"))
                .map(MAPPER::readTree)
                .toList();
        assertThat(shippers).hasSize(2);
        assertThat(shippers.get(0).at("/transforms/events/source").asString()).contains("\"@timestamp\"");
        JsonNode parser = shippers.get(1).at("/parsers/0");
        assertThat(parser.at("/time_key").asString()).isEqualTo("@timestamp");
        assertThat(parser.at("/time_format").asString()).isEqualTo("%Y-%m-%dT%H:%M:%S.%LZ");

        Settings settings =
                Settings.load(Files.writeString(directory.resolve("mcp-mtls.yaml"), "dir: '" + directory + "'\n"));
        try (AuditLog audit = Stores.audit(settings)) {
            audit.record(new AuditEvent.TrustReloaded(Instant.parse("2026-07-28T00:00:00Z"), "crl.pem"));
        }
        for (String line : Files.readAllLines(directory.resolve("audit.jsonl"))) {
            assertThat(MAPPER.readTree(line).get("@timestamp").asString())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{1,9}Z");
        }
    }

    private static String threeDigits(double figure) {
        return String.format(Locale.ROOT, "%.3g", figure);
    }

    private static Stream<String> blocks(String guide) throws IOException {
        return YAML.matcher(guide(guide)).results().map(block -> block.group(1));
    }

    private static String guide(String name) throws IOException {
        return Files.readString(Path.of("../docs/guides").resolve(name));
    }
}
