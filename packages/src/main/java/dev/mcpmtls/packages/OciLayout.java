// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.packages;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes one image as a tar file that is an OCI image layout (OCI image specification 1.1, image-layout.md) and that older engines load as
 * well. The same layers and configuration make the same bytes.
 */
final class OciLayout {

    private static final String TYPE = "application/vnd.oci.image.";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final Map<String, Path> blobs = new TreeMap<>();
    private final Path work;

    /** @param work a directory for parts */
    OciLayout(Path work) {
        this.work = work;
    }

    /**
     * Writes the file.
     *
     * @param name with its tag, for example {@code mcp-mtls:0.1.0}
     * @param config the image's configuration (config.md), without its layers
     */
    void write(Path out, String name, Map<String, Object> config, List<Layer.Written> layers) throws IOException {
        for (Layer.Written layer : layers) {
            blobs.put(layer.digest(), layer.file());
        }
        Map<String, Object> whole = new TreeMap<>(config);
        whole.put(
                "rootfs",
                Map.of(
                        "type",
                        "layers",
                        "diff_ids",
                        layers.stream().map(Layer.Written::diffId).toList()));
        String described = blob(whole);
        Map<String, Object> image = new TreeMap<>(descriptor(
                "manifest.v1+json",
                blob(Map.of(
                        "schemaVersion",
                        2,
                        "mediaType",
                        TYPE + "manifest.v1+json",
                        "config",
                        descriptor("config.v1+json", described),
                        "layers",
                        descriptors(layers)))));
        image.put(
                "annotations",
                Map.of(
                        "org.opencontainers.image.ref.name",
                        name.substring(name.indexOf(':') + 1),
                        "io.containerd.image.name",
                        name));
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(Files.newOutputStream(out), StandardCharsets.UTF_8.name())) {
            for (Map.Entry<String, Path> blob : blobs.entrySet()) {
                put(tar, path(blob.getKey()), blob.getValue());
            }
            put(
                    tar,
                    "index.json",
                    json(
                            "index.json",
                            Map.of(
                                    "schemaVersion",
                                    2,
                                    "mediaType",
                                    TYPE + "index.v1+json",
                                    "manifests",
                                    List.of(image))));
            // Engines that know no layouts read this file instead.
            put(
                    tar,
                    "manifest.json",
                    json(
                            "manifest.json",
                            List.of(Map.of(
                                    "Config", path(described),
                                    "RepoTags", List.of(name),
                                    "Layers",
                                            layers.stream()
                                                    .map(layer -> path(layer.digest()))
                                                    .toList()))));
            put(tar, "oci-layout", json("oci-layout", Map.of("imageLayoutVersion", "1.0.0")));
        }
    }

    private List<Map<String, Object>> descriptors(List<Layer.Written> layers) throws IOException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Layer.Written layer : layers) {
            all.add(descriptor("layer.v1.tar+gzip", layer.digest()));
        }
        return all;
    }

    private Map<String, Object> descriptor(String type, String digest) throws IOException {
        return Map.of("mediaType", TYPE + type, "digest", digest, "size", Files.size(blobs.get(digest)));
    }

    private String blob(Object content) throws IOException {
        String digest = Layer.digest(JSON.writeValueAsBytes(content));
        blobs.put(digest, json(digest.replace(':', '-'), content));
        return digest;
    }

    private Path json(String name, Object content) throws IOException {
        return Files.write(work.resolve(name), JSON.writeValueAsBytes(content));
    }

    private static String path(String digest) {
        return "blobs/" + digest.replace(':', '/');
    }

    private static void put(TarArchiveOutputStream tar, String name, Path file) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(0644);
        entry.setSize(Files.size(file));
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        Files.copy(file, tar);
        tar.closeArchiveEntry();
    }
}
