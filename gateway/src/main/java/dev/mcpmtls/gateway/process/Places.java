// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.process;

import dev.mcpmtls.transport.server.caller.Owner;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The processes that may run at a time, of which one identity may have a share. Thread-safe. */
final class Places {

    private final int most;
    private final int share;
    private final Map<Owner, Integer> taken = new HashMap<>();
    private int running;

    /** @param share the most that one identity may have; at least 1 */
    Places(int most, int share) {
        this.most = most;
        this.share = share;
    }

    /** Whether the identity has as many as it may. */
    synchronized boolean isShareTaken(Owner owner) {
        return taken.getOrDefault(owner, 0) >= share;
    }

    /** Takes a place; false when there is none for the identity within that time. */
    synchronized boolean take(Owner owner, long atMostSeconds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(atMostSeconds);
        while (running == most || isShareTaken(owner)) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        running++;
        taken.merge(owner, 1, Integer::sum);
        return true;
    }

    synchronized void giveBack(Owner owner) {
        running--;
        taken.computeIfPresent(owner, (who, count) -> count == 1 ? null : count - 1);
        notifyAll();
    }

    synchronized int running() {
        return running;
    }

    /** Waits until no place is taken, for at most so long. */
    synchronized void awaitEmpty(long atMostMillis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(atMostMillis);
        for (long left = end - System.nanoTime(); running > 0 && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
