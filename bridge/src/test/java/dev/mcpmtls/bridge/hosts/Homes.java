// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine in a temporary directory: a home, a project, and files in them. */
record Homes(Machine machine, HostConfigurations hosts) {

    static final Instant NOW = Instant.parse("2026-11-28T17:30:00Z");
    static final BridgeCommand COMMAND = BridgeCommand.connect(
            Path.of("/opt/mcp-mtls/bin/mcp-mtls"),
            "https://localhost:8446/mcp",
            "alice-host",
            Path.of("/home/alice/.mcp-mtls"));

    static Homes in(Path directory, OperatingSystem system, Map<String, String> environment) {
        try {
            Path home = Files.createDirectories(directory.resolve("home"));
            Path project = Files.createDirectories(directory.resolve("project"));
            Machine machine = new Machine(system, home, project, environment);
            return new Homes(machine, new HostConfigurations(machine, InstantSource.fixed(NOW)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Homes in(Path directory) {
        return in(directory, OperatingSystem.LINUX, Map.of());
    }

    Path file(Host host) {
        return hosts.file(host, Scope.USER);
    }

    Path write(Host host, String content) {
        return write(file(host), content);
    }

    static Path write(Path file, String content) {
        try {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing where there is no file. */
    static Optional<String> read(Path file) {
        try {
            return Files.exists(file)
                    ? Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Change add(Host host) {
        return hosts.add(host, Scope.USER, "files", COMMAND, Conflict.REFUSE);
    }

    Change remove(Host host) {
        return hosts.remove(host, Scope.USER, "files");
    }

    static List<Path> backups(Path file) {
        try (var siblings = Files.list(file.getParent())) {
            return siblings.filter(sibling -> sibling.toString().endsWith(".bak"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
