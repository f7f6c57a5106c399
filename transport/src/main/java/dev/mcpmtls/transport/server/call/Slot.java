// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

/**
 * The slot of one request among those in flight. It is released when the request is answered and its answer leaves: before the answer is
 * written, so that a client that has it can send its next request. A client that leaves the answer unread has its slot back until it
 * has read or gone. Thread-safe.
 */
public final class Slot {

    private final Runnable release;
    private final Runnable reclaim;
    private boolean answered;
    private boolean leaving;
    private boolean held = true;

    /**
     * A slot that was taken.
     *
     * @param reclaim takes it again, whatever the limit is
     */
    Slot(Runnable release, Runnable reclaim) {
        this.release = release;
        this.reclaim = reclaim;
    }

    /** The handler is about to answer, or has ended. */
    synchronized void answered() {
        answered = true;
        update();
    }

    /** The answer is about to be written, or the client has gone. */
    public synchronized void leaving() {
        leaving = true;
        update();
    }

    /** The client has not read the answer yet. */
    public synchronized void unread() {
        leaving = false;
        update();
    }

    /** No handler will run or has an answer. */
    synchronized void end() {
        answered = true;
        leaving();
    }

    private void update() {
        boolean isNeeded = !answered || !leaving;
        if (isNeeded != held) {
            held = isNeeded;
            (held ? reclaim : release).run();
        }
    }
}
