// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Random texts: an entry added and removed gives the original bytes. */
class RoundTripTest {

    private static final int TEXTS = 3_000;
    private static final int FILES = 60;

    @TempDir
    Path directory;

    @Test
    void jsonKeepsItsBytesWithoutAnyBackup() {
        for (int seed = 0; seed < TEXTS; seed++) {
            check(Host.CURSOR, new RandomDocuments(new Random(seed)).json("mcpServers", true), seed);
        }
    }

    @Test
    void tomlKeepsItsBytesWithoutAnyBackup() {
        for (int seed = 0; seed < TEXTS; seed++) {
            check(Host.CODEX_CLI, new RandomDocuments(new Random(seed)).toml("mcp_servers"), seed);
        }
    }

    @Test
    void yamlKeepsItsBytesWithoutAnyBackup() {
        for (int seed = 0; seed < TEXTS; seed++) {
            check(Host.GOOSE, new RandomDocuments(new Random(seed)).yaml("extensions", false, true), seed);
            check(Host.CONTINUE, new RandomDocuments(new Random(seed)).yaml("mcpServers", true, true), seed);
        }
    }

    /** Where the collection was absent or empty, only the backup knows which; the file has one. */
    @Test
    void filesKeepTheirBytes() {
        for (int seed = 0; seed < FILES; seed++) {
            file(Host.CURSOR, new RandomDocuments(new Random(seed)).json("mcpServers", false), seed);
            file(Host.CODEX_CLI, new RandomDocuments(new Random(seed)).toml("mcp_servers"), seed);
            file(Host.GOOSE, new RandomDocuments(new Random(seed)).yaml("extensions", false, false), seed);
            file(Host.CONTINUE, new RandomDocuments(new Random(seed)).yaml("mcpServers", true, false), seed);
        }
    }

    private static void check(Host host, String text, int seed) {
        String as = host + ", seed " + seed + ":\n" + text + "\n";
        List<String> path = List.of(host.form().collection(), "files");
        ObjectNode entry = host.form().entry("files", Homes.COMMAND);
        Document before = host.syntax().parse(text, host.form().list());
        String after = before.set(path, entry);
        Document edited = host.syntax().parse(after, host.form().list());

        assertThat(edited.model())
                .as(as + after)
                .isEqualTo(Models.with(before.model(), path, entry, host.form().list()));
        assertThat(edited.remove(path)).as(as + after).isEqualTo(text);
    }

    private void file(Host host, String text, int seed) {
        Homes homes = Homes.in(directory.resolve(host.id() + seed));
        Path file = homes.write(host, text);
        homes.add(host).apply();
        homes.remove(host).apply();
        assertThat(Homes.read(file)).as("%s, seed %d", host, seed).contains(text);
    }
}
