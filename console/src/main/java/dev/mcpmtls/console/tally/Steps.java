// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often something happened in each step of each {@link Window}. A step that is too old is overwritten, so the size never changes: 1.5 KiB.
 * Thread-safe; an addition is three atomic updates.
 */
@SuppressWarnings("EnumOrdinal") // the cells are in the order of the windows
final class Steps {

    private static final Window[] WINDOWS = Window.values();
    private static final int[] START = starts();
    private static final long COUNT = 0xffff_ffffL;

    // The number of the step in the upper half, the count in the lower one.
    private final AtomicLongArray cells = new AtomicLongArray(START[WINDOWS.length]);

    /** One for each constant of an enum. */
    static <E extends Enum<E>> Map<E, Steps> forEach(Class<E> kind) {
        Map<E, Steps> each = new EnumMap<>(kind);
        for (E constant : kind.getEnumConstants()) {
            each.put(constant, new Steps());
        }
        return each;
    }

    private static int[] starts() {
        int[] starts = new int[WINDOWS.length + 1];
        for (Window window : WINDOWS) {
            starts[window.ordinal() + 1] = starts[window.ordinal()] + window.steps();
        }
        return starts;
    }

    /** Counts occurrences. */
    void add(Instant at, long occurrences) {
        for (Window window : WINDOWS) {
            int step = window.stepAt(at.getEpochSecond());
            add(cell(window, step), step, occurrences);
        }
    }

    private void add(int cell, int step, long occurrences) {
        long known = cells.get(cell);
        while (!cells.compareAndSet(cell, known, added(known, step, occurrences))) {
            known = cells.get(cell);
        }
    }

    /** A step before the one in the cell, after the clock was set back, counts there. */
    private static long added(long known, int step, long occurrences) {
        long since = known >>> 32;
        return step > since
                ? ((long) step << 32) | Math.min(occurrences, COUNT)
                : (since << 32) | Math.min((known & COUNT) + occurrences, COUNT);
    }

    /** The counts of all steps of a window up to now, oldest first. */
    long[] counts(Window window, Instant now) {
        int last = window.stepAt(now.getEpochSecond());
        long[] counts = new long[window.steps()];
        for (int i = 0; i < counts.length; i++) {
            int step = last - counts.length + 1 + i;
            long cell = cells.get(cell(window, step));
            counts[i] = cell >>> 32 == step ? cell & COUNT : 0;
        }
        return counts;
    }

    /** The count of a whole window. */
    long sum(Window window, Instant now) {
        long sum = 0;
        for (long count : counts(window, now)) {
            sum += count;
        }
        return sum;
    }

    private static int cell(Window window, int step) {
        return START[window.ordinal()] + Math.floorMod(step, window.steps());
    }
}
