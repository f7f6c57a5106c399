// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.process.ServerCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lists of tools that are too long to be held against pins: none of theirs is used. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LongListIT {

    @TempDir
    Path directory;

    private static String page(int from, int count, int characters) {
        return IntStream.range(from, from + count)
                .mapToObj(number -> """
                        {"name":"t%d","description":"%s","inputSchema":{"type":"object"}}""".formatted(number, "x".repeat(characters)))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** The answer to a call of the first tool, when the server has these pages and is pinned at its first use. */
    private String called(List<String> pages) throws Exception {
        Path offer = Files.writeString(directory.resolve("offer.json"), "{\"pages\":" + pages + "}");
        Path lock = directory.resolve("tools.lock");
        ServerCommand command = new ServerCommand(
                List.of("node", Front.fixture("offer-file.mjs").toString()),
                Map.of("OFFER", offer.toString()),
                Set.of(),
                Optional.empty());
        try (Front front = Front.of(gateway -> {
            gateway.pin("files", lock, true, change -> {});
            return gateway.command("files", command, ProcessOptions.defaults());
        })) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer answer = alice.call("t0");
            boolean hasRun =
                    Files.readString(directory.resolve("offer.json.log")).contains("tools/call");
            assertThat(hasRun)
                    .isEqualTo(Files.exists(lock))
                    .isEqualTo(answer.json().has("result"));
            return answer.text();
        }
    }

    @Test
    void aListWithTooManyToolsIsNotPinned() throws Exception {
        assertThat(called(List.of(page(0, 10_000, 0), page(10_000, 1, 0))))
                .contains("cannot be held against its pins: there are more than 10000");
    }

    @Test
    void aListWhosePagesTogetherAreTooLongIsNotPinned() throws Exception {
        assertThat(called(List.of(page(0, 1, 9_000_000), page(1, 1, 9_000_000))))
                .contains("cannot be held against its pins: they take more than 16777216 characters");
    }

    @Test
    void aListOfManyPagesIsPinned() throws Exception {
        assertThat(called(List.of(page(0, 300, 0), page(300, 300, 1_000)))).contains("ran t0");
    }
}
