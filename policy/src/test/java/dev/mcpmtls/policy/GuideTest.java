// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples of the guide decide what the guide says. */
class GuideTest {

    private static final Pattern BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    @Test
    void theExamplesDecideWhatTheGuideSays() throws IOException {
        String guide = Files.readString(Path.of("../docs/guides/access-rules.md"));
        List<String> blocks =
                BLOCK.matcher(guide).results().map(block -> block.group(1)).toList();
        Policy policy = Policy.parse("guide", blocks.get(0));
        int examples = 0;
        for (String block : blocks) {
            if (block.startsWith("cases:")) {
                examples++;
                assertThat(Cases.parse("guide", block, Callers::named).test(policy, Asking.NOW))
                        .allSatisfy(result -> assertThat(result.difference())
                                .as("%s: %s", result.of().name(), result.explanation())
                                .isEmpty());
            } else {
                policy = Policy.parse("guide", block);
                assertThat(policy.check(Inventory.unknown())).as(block).isEmpty();
            }
        }
        assertThat(examples).isEqualTo(10);
    }
}
