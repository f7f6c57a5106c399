// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How long something took, from 16 µs to a minute, in buckets of a quarter of an octave each, for parts of each {@link Window}. Its size
 * never changes: 8 KiB. Thread-safe; when a part of a window begins, a few durations of other threads may be lost.
 */
@SuppressWarnings("EnumOrdinal") // the cells are in the order of the windows
final class Durations {

    private static final Window[] WINDOWS = Window.values();
    private static final int[] PARTS = {5, 6, 12}; // of each window
    private static final long[] PART_SECONDS = {60, 600, 7_200};
    private static final int[] START = {0, 5, 11, 23};
    private static final int BUCKETS = 88;
    private static final int SLOT = 1 + BUCKETS; // the part's number, then the counts
    private static final int UNIT_SHIFT = 12; // 4.096 µs

    private final AtomicIntegerArray cells = new AtomicIntegerArray(START[WINDOWS.length] * SLOT);

    /** Counts one. */
    void add(Instant at, Duration took) {
        int bucket = bucket(took.toNanos());
        for (Window window : WINDOWS) {
            int part = part(window, at);
            int slot = slot(window, part);
            int known = cells.get(slot);
            if (known < part && cells.compareAndSet(slot, known, part)) {
                for (int i = 1; i < SLOT; i++) {
                    cells.set(slot + i, 0);
                }
            }
            cells.incrementAndGet(slot + 1 + bucket);
        }
    }

    /** The durations of a window. */
    Distribution in(Window window, Instant now) {
        long[] counts = new long[BUCKETS];
        int last = part(window, now);
        for (int part = last - PARTS[window.ordinal()] + 1; part <= last; part++) {
            int slot = slot(window, part);
            if (cells.get(slot) == part) {
                for (int i = 0; i < BUCKETS; i++) {
                    counts[i] += cells.get(slot + 1 + i);
                }
            }
        }
        return new Distribution(counts);
    }

    private static int part(Window window, Instant at) {
        return (int) (at.getEpochSecond() / PART_SECONDS[window.ordinal()]);
    }

    private static int slot(Window window, int part) {
        return (START[window.ordinal()] + Math.floorMod(part, PARTS[window.ordinal()])) * SLOT;
    }

    /** Four buckets for each doubling, the first from 0 to 20 µs. */
    static int bucket(long nanos) {
        long units = Math.max(nanos >> UNIT_SHIFT, 4);
        int octave = 63 - Long.numberOfLeadingZeros(units);
        int quarter = (int) (units >> (octave - 2)) & 3;
        return Math.min((octave - 2) * 4 + quarter, BUCKETS - 1);
    }

    /** Where a bucket begins, in nanoseconds. */
    private static double start(int bucket) {
        return bucket == 0 ? 0 : Math.scalb(4.0 + bucket % 4, bucket / 4 + UNIT_SHIFT);
    }

    /** Counts by bucket. */
    static final class Distribution {

        private final long[] counts;
        private final long total;

        private Distribution(long[] counts) {
            this.counts = counts;
            long sum = 0;
            for (long count : counts) {
                sum += count;
            }
            this.total = sum;
        }

        /** How many there are. */
        long total() {
            return total;
        }

        /**
         * A quantile in milliseconds, with an error of at most a quarter.
         *
         * @param fraction of those that are at most as long, from 0 to 1
         */
        double quantile(double fraction) {
            double left = Math.max(1, total * fraction);
            for (int i = 0; i < BUCKETS; i++) {
                if (counts[i] >= left) {
                    double nanos = start(i) + (start(i + 1) - start(i)) * left / counts[i];
                    return Math.round(nanos / 10_000) / 100.0;
                }
                left -= counts[i];
            }
            return 0;
        }
    }
}
