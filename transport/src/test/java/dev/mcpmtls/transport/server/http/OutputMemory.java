// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

/** How much memory unread output occupies. */
public final class OutputMemory {

    private OutputMemory() {}

    public static long used() {
        return PendingOutput.MEMORY.metric().usedDirectMemory();
    }
}
