// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.prepare;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps unused objects from growing the heap. The whole heap is collected at a moment of rest once it has grown by half since the last
 * collection, and at any moment once it has doubled. A full collection stops the process for at least 50 ms, which callers would notice.
 *
 * <p>Java's serial collector did so itself up to release 21. Later releases collect the old generation only when the heap has reached its
 * upper bound, by default a quarter of the machine's memory. The heap of a busy server grows to that bound, however little it needs. Used
 * by one thread.
 */
public final class HeapGrowth {

    /** The smallest growth that is worth a pause, in bytes. */
    static final long LEAST = 16L * 1024 * 1024;

    /** The process is at rest when it uses less processor time than this between two checks. */
    static final Duration REST = Duration.ofMillis(100);

    private static final int BUSY = 2;

    private final LongSupplier size;
    private final LongSupplier processorNanos;
    private final Runnable collect;
    private long after;
    private long spent;

    /** Watches the heap of this process, as large as it is now. */
    public HeapGrowth() {
        this(Runtime.getRuntime()::totalMemory, HeapGrowth::processorNanos, System::gc);
    }

    HeapGrowth(LongSupplier size, LongSupplier processorNanos, Runnable collect) {
        this.size = size;
        this.processorNanos = processorNanos;
        this.collect = collect;
        this.after = size.getAsLong();
        this.spent = processorNanos.getAsLong();
    }

    /** Checks the heap; to be called every second. */
    public void check() {
        long before = spent;
        spent = processorNanos.getAsLong();
        long grown = size.getAsLong() - after;
        long allowed = Math.max(LEAST, after / 2);
        if (grown > allowed && (spent - before < REST.toNanos() || grown > BUSY * allowed)) {
            collect.run();
            after = size.getAsLong();
        }
    }

    /** The processor time that this process has used so far; always 0 where the system does not report it. */
    private static long processorNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toNanos)
                .orElse(0L);
    }
}
