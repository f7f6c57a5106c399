// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** The packaged command, run in a directory of its own as a user would, with servers on ports that were free a moment ago. */
final class Product {

    private final Path directory;
    private final Map<String, Integer> ports = new LinkedHashMap<>();

    Product(Path directory) {
        this.directory = directory;
        for (String server : List.of("weather", "datetime", "echo")) {
            ports.put(server, freePort());
        }
        configure("");
    }

    /** Writes {@code mcp-mtls.yaml}: the servers, and any further settings. */
    void configure(String more) {
        StringBuilder yaml = new StringBuilder("servers:\n");
        ports.forEach((server, port) -> yaml.append("  %s: {listen: \"127.0.0.1:%d\", credential: %s%s}\n"
                .formatted(server, port, server, server.equals("weather") ? ", provider: simulated" : "")));
        write(directory.resolve("mcp-mtls.yaml"), yaml.append(more).toString());
    }

    /** Runs the command to its end. */
    Run run(String... arguments) {
        return Run.of(commandLine(arguments), Map.of("NO_COLOR", "1"), directory);
    }

    /** Starts {@code serve} and waits until every server asked for has said that it is ready. */
    Servers serve(String what, String... options) {
        List<String> command = commandLine("serve", what);
        command.addAll(List.of(options));
        List<String> urls =
                what.equals("all") ? ports.keySet().stream().map(this::url).toList() : List.of(url(what));
        return Servers.start(command, directory, urls);
    }

    /** Puts this program in front of a server over standard streams. */
    Servers front(String name, String... words) {
        ports.put(name, freePort());
        List<String> command = commandLine("serve", name, "--listen", "127.0.0.1:" + port(name), "--");
        command.addAll(List.of(words));
        return Servers.start(command, directory, List.of(url(name)));
    }

    String url(String server) {
        return "https://localhost:%d/mcp".formatted(ports.get(server));
    }

    int port(String server) {
        return ports.get(server);
    }

    Path directory() {
        return directory;
    }

    /** A file of the store, for example {@code credentials/echo/tls.crt}. */
    Path stored(String path) {
        return directory.resolve(".mcp-mtls").resolve(path);
    }

    /** The lines of the servers' audit log. */
    List<String> audit() {
        try {
            return Files.readAllLines(stored("audit.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a line of the audit log matches; a refusal's line may be written a moment after its alert. */
    boolean hasAudited(Predicate<String> expected) {
        Instant limit = Instant.now().plusSeconds(10);
        while (Instant.now().isBefore(limit)) {
            if (audit().stream().anyMatch(expected)) {
                return true;
            }
            LockSupport.parkNanos(20_000_000);
        }
        return false;
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> commandLine(String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    static Path launcher() {
        return Launcher.PREPARED;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
