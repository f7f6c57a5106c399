// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The container image. Three layers: the C library, bash and setsid from Debian, the Java runtime, and the program. It runs as a user of its own,
 * with nothing to write but its store.
 */
public final class Image {

    private static final String HOME = "usr/lib/mcp-mtls";
    private static final String STORE = "var/lib/mcp-mtls";
    private static final int USER = 65532; // the number that images without a distribution use for it

    private static final String LEFT_OUT =
            "(dev|boot|proc|sys|run|tmp|root|home|media|mnt|opt|srv|var|etc/(apt|dpkg|cron|systemd)"
                    + "|etc/(fstab|hostname|resolv)|usr/(sbin|local|games|src|include|share)).*";

    private final Path tree;
    private final Path work;
    private final Instant time;

    private Image(Path tree, Path work, Instant time) {
        this.tree = tree;
        this.work = work;
        this.time = time;
    }

    /**
     * Writes the image.
     *
     * @param arguments the unpacked archive, a tar file with the C library, bash and setsid, the image's own commands, the file to write, the
     *     version, the architecture in Go's words ({@code amd64}, {@code arm64}), and the time of everything in it
     */
    public static void main(String[] arguments) throws IOException {
        Path out = Path.of(arguments[3]);
        Path work = Files.createDirectories(
                Objects.requireNonNull(out.toAbsolutePath().getParent()).resolve("image"));
        Image image = new Image(Path.of(arguments[0]), work, Instant.parse(arguments[6]));
        List<Layer.Written> layers =
                List.of(image.system(Path.of(arguments[1])), image.runtime(), image.program(Path.of(arguments[2])));
        new OciLayout(work).write(out, "mcp-mtls:" + arguments[4], image.config(arguments[4], arguments[5]), layers);
    }

    /** The C library and bash; their licences stay, package lists and documentation do not. */
    private Layer.Written system(Path base) throws IOException {
        try (Layer layer = new Layer(work.resolve("system.tar.gz"), time)) {
            layer.entries(base, name -> name.endsWith("/copyright") || !name.matches(LEFT_OUT));
            return layer.finish();
        }
    }

    private Layer.Written runtime() throws IOException {
        try (Layer layer = new Layer(work.resolve("runtime.tar.gz"), time)) {
            layer.tree(tree.resolve("runtime"), HOME + "/runtime");
            return layer.finish();
        }
    }

    private Layer.Written program(Path own) throws IOException {
        try (Layer layer = new Layer(work.resolve("program.tar.gz"), time)) {
            layer.directory("dev", 0755, 0);
            layer.directory("proc", 0755, 0);
            layer.directory("sys", 0755, 0);
            layer.directory("tmp", 01777, 0);
            layer.directory(STORE, 0700, USER);
            layer.file(
                    "etc/passwd",
                    0644,
                    "root:x:0:0::/:/bin/bash\nmcp-mtls:x:" + USER + ":" + USER + "::/" + STORE + ":/bin/bash\n");
            layer.file("etc/group", 0644, "root:x:0:\nmcp-mtls:x:" + USER + ":\n");
            layer.file("etc/nsswitch.conf", 0644, "hosts: files dns\n");
            layer.tree(own, HOME + "/bin");
            layer.tree(tree.resolve("cache"), HOME + "/cache");
            layer.tree(tree.resolve("lib"), HOME + "/lib");
            layer.file(HOME + "/LICENSE", 0644, Files.readString(tree.resolve("LICENSE")));
            return layer.finish();
        }
    }

    private Map<String, Object> config(String version, String architecture) {
        return Map.of(
                "os",
                "linux",
                "architecture",
                architecture,
                "created",
                time.toString(),
                "config",
                Map.of(
                        "User", USER + ":" + USER,
                        "WorkingDir", "/" + STORE,
                        "Volumes", Map.of("/" + STORE, Map.of()),
                        "ExposedPorts", Map.of("9443/tcp", Map.of()),
                        "Entrypoint", List.of("/" + HOME + "/bin/mcp-mtls"),
                        "Cmd", List.of("serve", "all"),
                        "Env", environment(),
                        "Healthcheck", healthcheck(),
                        "Labels", labels(version)));
    }

    private static List<String> environment() {
        return List.of(
                "PATH=/" + HOME + "/bin:/usr/bin:/bin",
                "HOME=/" + STORE,
                "LC_ALL=C.UTF-8",
                "MALLOC_ARENA_MAX=2",
                "MALLOC_TRIM_THRESHOLD_=65536",
                "MCP_MTLS_DIR=/" + STORE,
                "MCP_MTLS_HEALTH_LISTEN=0.0.0.0:9443");
    }

    /** Docker's extension of the configuration; Kubernetes asks the health address itself. */
    private static Map<String, Object> healthcheck() {
        return Map.of(
                "Test", List.of("CMD", "/" + HOME + "/bin/mcp-mtls-health"),
                "Interval", Duration.ofSeconds(10).toNanos(),
                "Timeout", Duration.ofSeconds(5).toNanos(),
                "StartPeriod", Duration.ofSeconds(10).toNanos(),
                "Retries", 3);
    }

    private Map<String, String> labels(String version) {
        return Map.of(
                "org.opencontainers.image.title", "mcp-mtls",
                "org.opencontainers.image.description", "Mutual TLS for the Model Context Protocol",
                "org.opencontainers.image.version", version,
                "org.opencontainers.image.licenses", "Apache-2.0",
                "org.opencontainers.image.created", time.toString());
    }
}
