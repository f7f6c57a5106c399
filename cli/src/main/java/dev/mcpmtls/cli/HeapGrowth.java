// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import java.util.function.LongSupplier;

/**
 * Keeps the heap from growing by what nobody uses any more: has all of it collected when it is half as large again as after the last time.
 *
 * <p>Java's serial collector did so itself up to release 21. From then on it collects the old generation only when the heap has reached its
 * upper bound, by default a quarter of the machine's memory, and a busy server grows towards that however little it needs. Used by one
 * thread.
 */
final class HeapGrowth {

    /** In bytes; less is not worth a pause. */
    static final long LEAST = 16L * 1024 * 1024;

    private final LongSupplier size;
    private final Runnable collect;
    private long allowed;

    /** Watches the heap of this process, as large as it is now. */
    HeapGrowth() {
        this(Runtime.getRuntime()::totalMemory, System::gc);
    }

    HeapGrowth(LongSupplier size, Runnable collect) {
        this.size = size;
        this.collect = collect;
        allow();
    }

    /** To be called every now and then. */
    void check() {
        if (size.getAsLong() > allowed) {
            collect.run();
            allow();
        }
    }

    private void allow() {
        long now = size.getAsLong();
        allowed = now + Math.max(LEAST, now / 2);
    }
}
