// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.files.Failures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A directory that is deleted, with all keys in it, on close, or at the latest when the process exits. */
public final class TemporaryDirectory implements AutoCloseable {

    private static final int ATTEMPTS = 40;
    private static final long MOMENT_NANOS = 50_000_000;

    private final Path path;
    private final Thread atExit = new Thread(this::removeForGood, "temporary-directory");

    private TemporaryDirectory(Path path) {
        this.path = path;
    }

    public static TemporaryDirectory make() {
        try {
            TemporaryDirectory made = new TemporaryDirectory(Files.createTempDirectory("mcp-mtls-demo-"));
            Runtime.getRuntime().addShutdownHook(made.atExit);
            return made;
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.USAGE,
                    "cannot make a temporary directory: " + Failures.reason(e) + "; name one with --dir",
                    e);
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException ending) {
            // The hook runs already, and finds nothing more to remove.
        }
    }

    /** Deletes repeatedly: other threads still write while the process exits, and may recreate the directory. */
    private void removeForGood() {
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(path); attempt++) {
            try {
                remove();
            } catch (UncheckedIOException e) {
                // Another thread has changed the directory: try again.
            }
            LockSupport.parkNanos(MOMENT_NANOS);
        }
    }

    private void remove() {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
