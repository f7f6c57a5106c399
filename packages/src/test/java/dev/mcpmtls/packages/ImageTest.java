// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.packages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImageTest {

    private static final String TIME = "2026-11-22T00:00:00Z";

    @TempDir
    Path directory;

    private Path tree;
    private Path own;
    private Path base;

    @BeforeEach
    void parts() throws IOException {
        tree = directory.resolve("tree");
        for (String file : new String[] {"runtime/bin/java", "lib/a.jar", "cache/java-25", "LICENSE"}) {
            Path path = tree.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, file);
        }
        assertThat(tree.resolve("runtime/bin/java").toFile().setExecutable(true))
                .isTrue();
        own = Files.createDirectories(directory.resolve("own"));
        Files.writeString(own.resolve("mcp-mtls"), "#!/bin/bash\n");
        base = directory.resolve("base.tar");
        try (OutputStream out = Files.newOutputStream(base);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            for (String name : new String[] {
                "./lib/libc.so.6",
                "./usr/share/doc/libc6/copyright",
                "./usr/share/doc/libc6/NEWS",
                "./etc/apt/sources.list",
                "./dev/null"
            }) {
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setSize(name.length());
                tar.putArchiveEntry(entry);
                tar.write(name.getBytes(StandardCharsets.UTF_8));
                tar.closeArchiveEntry();
            }
        }
    }

    @Test
    void theSamePartsMakeTheSameBytes() throws IOException {
        byte[] first = Files.readAllBytes(write("one"));
        Files.setLastModifiedTime(tree.resolve("lib/a.jar"), FileTime.from(Instant.EPOCH));
        assertThat(Files.readAllBytes(write("two"))).isEqualTo(first);
    }

    @Test
    void otherPartsMakeOtherBytes() throws IOException {
        byte[] first = Files.readAllBytes(write("one"));
        Files.writeString(tree.resolve("lib/a.jar"), "changed");
        assertThat(Files.readAllBytes(write("two"))).isNotEqualTo(first);
    }

    @Test
    void holdsWhatItsManifestNamesAndNothingElse() throws IOException {
        Map<String, byte[]> files = entries(Files.newInputStream(write("image")));
        JsonNode manifest = blob(files, json(files, "index.json").at("/manifests/0"));
        JsonNode config = blob(files, manifest.path("config"));
        assertThat(config.at("/config/User").asString()).isEqualTo("65532:65532");
        assertThat(config.at("/config/Entrypoint/0").asString()).isEqualTo("/usr/lib/mcp-mtls/bin/mcp-mtls");
        assertThat(config.at("/config/Healthcheck/Test/1").asString())
                .isEqualTo("/usr/lib/mcp-mtls/bin/mcp-mtls-health");
        assertThat(manifest.path("layers")).hasSize(3);

        Map<String, Integer> modes = new HashMap<>();
        for (int i = 0; i < 3; i++) {
            byte[] layer = bytes(files, manifest.at("/layers/" + i));
            byte[] tar = new GZIPInputStream(new ByteArrayInputStream(layer)).readAllBytes();
            assertThat(Layer.digest(tar))
                    .isEqualTo(config.at("/rootfs/diff_ids/" + i).asString());
            modes(tar, modes);
        }
        assertThat(files).hasSize(3 + 2 + 3);
        assertThat(modes)
                .containsEntry("usr/lib/mcp-mtls/runtime/bin/java", 0755)
                .containsEntry("usr/lib/mcp-mtls/lib/a.jar", 0644)
                .containsEntry("var/lib/mcp-mtls/", 0700)
                .containsKeys("lib/libc.so.6", "usr/share/doc/libc6/copyright", "usr/lib/mcp-mtls/bin/mcp-mtls")
                .doesNotContainKeys("usr/share/doc/libc6/NEWS", "etc/apt/sources.list", "dev/null");
    }

    private Path write(String name) throws IOException {
        Path out = Files.createDirectories(directory.resolve(name)).resolve("image.tar");
        Image.main(
                new String[] {tree.toString(), base.toString(), own.toString(), out.toString(), "0.1.0", "amd64", TIME
                });
        return out;
    }

    private static JsonNode blob(Map<String, byte[]> files, JsonNode descriptor) {
        return JsonMapper.shared().readTree(bytes(files, descriptor));
    }

    /** The bytes that a descriptor names, which have its digest and its size. */
    private static byte[] bytes(Map<String, byte[]> files, JsonNode descriptor) {
        String digest = descriptor.path("digest").asString();
        byte[] bytes = files.get("blobs/" + digest.replace(':', '/'));
        assertThat(Layer.digest(bytes)).isEqualTo(digest);
        assertThat(bytes).hasSize(descriptor.path("size").asInt());
        return bytes;
    }

    private static JsonNode json(Map<String, byte[]> files, String name) {
        return JsonMapper.shared().readTree(files.get(name));
    }

    private static Map<String, byte[]> entries(InputStream file) throws IOException {
        Map<String, byte[]> all = new HashMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(file)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                all.put(entry.getName(), tar.readAllBytes());
            }
        }
        return all;
    }

    private static void modes(byte[] layer, Map<String, Integer> modes) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(layer))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                modes.put(entry.getName(), entry.getMode() & 07777);
                assertThat(entry.getModTime().toInstant()).isEqualTo(Instant.parse(TIME));
            }
        }
    }
}
