// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Where channels to servers are opened: each server has threads and a queue of its own, because an opening may wait for room. Thread-safe. */
final class Starters implements AutoCloseable {

    static final int THREADS = 8;
    static final int MAX_WAITING = 64;

    private final Map<String, ExecutorService> servers = new ConcurrentHashMap<>();
    // A few small tasks for each server.
    private final ExecutorService files = executor("gateway-files", 2, Integer.MAX_VALUE);

    /** The executor of a server; it rejects a task when {@value #MAX_WAITING} wait. */
    Executor of(String server) {
        return servers.computeIfAbsent(server, name -> executor("gateway-start-" + name, THREADS, MAX_WAITING));
    }

    /** Where files are written. */
    Executor files() {
        return files;
    }

    private static ExecutorService executor(String name, int threads, int waiting) {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                threads, threads, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(waiting), daemons(name));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void close() {
        servers.values().forEach(ExecutorService::shutdown);
        files.shutdown();
    }
}
