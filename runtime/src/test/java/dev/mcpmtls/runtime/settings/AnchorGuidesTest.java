// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration files in the guides about trust anchors. */
class AnchorGuidesTest {

    private static final Pattern YAML = Pattern.compile("```yaml\\n([\\s\\S]*?)```");

    @ParameterizedTest
    @ValueSource(strings = {"hosted-clients.md", "certificates.md"})
    void areReadAndBindEachAnchorButOurs(String guide, @TempDir Path directory) throws IOException {
        String text = Files.readString(Path.of("../docs/guides").resolve(guide));
        List<String> files = YAML.matcher(text)
                .results()
                .map((MatchResult block) -> block.group(1))
                .filter(yaml -> yaml.contains("trust-anchors:"))
                .toList();
        assertThat(files).isNotEmpty();
        for (String yaml : files) {
            Settings settings = Settings.load(Files.writeString(directory.resolve("mcp-mtls.yaml"), yaml));
            assertThat(AnchorEntry.unbound(settings.get(TlsKeys.TRUST_ANCHORS)))
                    .as("%s", yaml)
                    .allMatch(entry -> entry.file().toString().endsWith(".json"));
        }
    }
}
