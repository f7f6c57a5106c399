// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Where handlers run: virtual threads where the platform has them (21 and newer), else a bounded pool. Never an event loop. */
public final class Workers {

    private Workers() {}

    /**
     * Opens an executor that starts every task at once or rejects it.
     *
     * @param limit how many platform threads there may be
     */
    public static ExecutorService open(int limit) {
        try {
            MethodHandle virtual = MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class));
            return (ExecutorService) virtual.invokeExact();
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return platformThreads(limit);
        } catch (Throwable e) {
            throw new IllegalStateException("virtual threads cannot be had", e);
        }
    }

    private static ExecutorService platformThreads(int limit) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(0, limit, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "mcp-worker-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }
}
