// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.OwnedFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** One writer at a time, among threads and among processes; the operating system frees the lock of a process that dies. */
final class StoreLock {

    /**
     * A lock for the threads of this process. File locks belong to the process: a second one in the same process is refused,
     * and closing any channel of the file releases them all. Threads therefore queue here first.
     */
    private static final Map<Path, ReentrantLock> WITHIN_PROCESS = new ConcurrentHashMap<>();

    private final Path file;

    StoreLock(Path file) {
        this.file = file;
    }

    /** Waits for the lock, then runs the action alone. Must not be nested. */
    <T> T alone(Supplier<T> work) {
        ReentrantLock threads = WITHIN_PROCESS.computeIfAbsent(realPath(), path -> new ReentrantLock());
        threads.lock();
        try (FileChannel channel = OwnedFiles.open(file);
                FileLock processes = channel.lock()) {
            assert processes.isValid();
            return work.get();
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(file, "cannot be locked", e);
        } finally {
            threads.unlock();
        }
    }

    private Path realPath() {
        Path directory = OwnedFiles.directoryOf(file);
        try {
            OwnedFiles.createDirectories(directory);
            return directory.toRealPath().resolve(file.getFileName());
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(directory, "cannot be used as a store", e);
        }
    }
}
