// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Running servers, in a process of their own. */
final class Servers implements AutoCloseable {

    private static final int START_SECONDS = 60;
    private static final int STOP_SECONDS = 20;

    private final Process process;
    private final StringBuffer printed = new StringBuffer();

    private Servers(Process process) {
        this.process = process;
    }

    static Servers start(List<String> command, Path directory, List<String> readyWhenSeen) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
            builder.environment().putAll(Map.of("NO_COLOR", "1"));
            Servers servers = new Servers(builder.redirectErrorStream(true).start());
            CompletableFuture<Void> ready = new CompletableFuture<>();
            Thread reader = new Thread(() -> servers.read(new HashSet<>(readyWhenSeen), ready), "servers-output");
            reader.setDaemon(true);
            reader.start();
            servers.await(ready);
            return servers;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything printed so far, both streams. */
    String printed() {
        return printed.toString();
    }

    /** Asks the process to stop, as Ctrl-C or a service manager would, and returns its exit code. */
    int stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the servers did not stop within " + STOP_SECONDS + " s:\n" + printed);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void await(CompletableFuture<Void> ready) {
        try {
            ready.orTimeout(START_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            close();
            throw new AssertionError("the servers did not become ready:\n" + printed, e);
        }
    }

    private void read(Set<String> waitingFor, CompletableFuture<Void> ready) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                printed.append(line).append('\n');
                String seen = line;
                waitingFor.removeIf(seen::contains);
                if (waitingFor.isEmpty()) {
                    ready.complete(null);
                }
            }
        } catch (IOException e) {
            printed.append(e);
        }
        ready.completeExceptionally(new IllegalStateException("its output ended"));
    }
}
