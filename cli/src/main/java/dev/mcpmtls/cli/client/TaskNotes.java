// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.TaskState;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks that commands of this store have begun, a file each, because a server lists them to no client. A note is removed when its task is
 * gone.
 */
final class TaskNotes {

    private static final Logger LOG = LoggerFactory.getLogger(TaskNotes.class);
    private static final Duration UNKNOWN_LIFETIME = Duration.ofDays(1);
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MOST = 1_000;
    private static final Json JSON = new Json(8, MAX_BYTES);

    private final Path directory;
    private final InstantSource clock;

    /**
     * One task.
     *
     * @param server as the user named it
     * @param until when the server forgets it, as far as that was known
     */
    record Note(String server, String id, String tool, Instant begun, Instant until) {}

    TaskNotes(Settings settings, InstantSource clock) {
        this.directory = settings.inStore(Path.of("tasks"));
        this.clock = clock;
    }

    /** Notes a task; failing to is no reason to fail. */
    void keep(String server, String tool, TaskState task) {
        Instant now = clock.instant();
        Duration lifetime = task.lifetime().orElse(UNKNOWN_LIFETIME);
        // The outcome is kept for a while after the end, which is not known yet.
        Instant until =
                now.plus(lifetime.compareTo(UNKNOWN_LIFETIME) > 0 ? UNKNOWN_LIFETIME : lifetime.multipliedBy(2));
        Map<String, Object> members = Map.of(
                "server", server, "task", task.id(), "tool", tool, "begun", now.toString(), "until", until.toString());
        try {
            OwnedFiles.createDirectories(directory);
            OwnedFiles.replace(file(server, task.id()), JSON.write(members), OwnedFiles.Readers.NONE);
        } catch (IOException e) {
            LOG.warn("cannot note the task in {}: {}", directory, Failures.reason(e));
        }
    }

    /** Forgets a task that the server no longer knows. */
    void drop(String server, String id) {
        try {
            boolean unused = Files.deleteIfExists(file(server, id));
        } catch (IOException e) {
            LOG.warn("cannot remove a note from {}: {}", directory, Failures.reason(e));
        }
    }

    /** The tasks that servers may still know, the oldest first. */
    List<Note> all() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .limit(MOST)
                    .flatMap(file -> read(file).stream())
                    .filter(this::isCurrent)
                    .sorted(Comparator.comparing(Note::begun))
                    .toList();
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "cannot read " + directory + ": " + Failures.reason(e), e);
        }
    }

    private boolean isCurrent(Note note) {
        boolean isCurrent = clock.instant().isBefore(note.until());
        if (!isCurrent) {
            drop(note.server(), note.id());
        }
        return isCurrent;
    }

    private static Optional<Note> read(Path file) {
        try {
            Map<String, Object> members =
                    JSON.read(new String(SmallFiles.readRegular(file, MAX_BYTES), StandardCharsets.UTF_8));
            return Optional.of(new Note(
                    String.valueOf(members.get("server")),
                    String.valueOf(members.get("task")),
                    String.valueOf(members.get("tool")),
                    Instant.parse(String.valueOf(members.get("begun"))),
                    Instant.parse(String.valueOf(members.get("until")))));
        } catch (IOException | InvalidMessageException | DateTimeParseException e) {
            LOG.warn("{} is no note of a task", file);
            return Optional.empty();
        }
    }

    private Path file(String server, String id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((server + '\n' + id).getBytes(StandardCharsets.UTF_8));
            return directory.resolve(HexFormat.of().formatHex(digest, 0, 12) + ".json");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
