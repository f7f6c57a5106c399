// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The last events of one legacy session, for a client that lost its connection and comes back with the id of the last event it
 * saw. Guarded by the session's lock.
 */
final class EventLog {

    /** An event as it was sent; {@code id} grows over all streams of the session. */
    @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
    record Event(long stream, long id, byte[] message) {

        /** The id on the wire: which stream, and which event. */
        String wireId() {
            return stream + "-" + id;
        }
    }

    private final int maxBytes;
    private final Deque<Event> events = new ArrayDeque<>();
    private long bytes;
    private long lastId;
    private long lastDropped;

    EventLog(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    Event append(long stream, byte[] message) {
        Event event = new Event(stream, ++lastId, message);
        events.addLast(event);
        bytes += size(event);
        while (bytes > maxBytes) {
            Event oldest = events.removeFirst();
            bytes -= size(oldest);
            lastDropped = oldest.id();
        }
        return event;
    }

    /**
     * The events of that stream after that one.
     *
     * @throws RefusedException when some of them may have been dropped, or there never was such an event
     */
    List<Event> after(long stream, long id) {
        if (id > lastId || id < lastDropped) {
            throw RefusedException.invalidRequest("the events after that Last-Event-ID are no longer kept");
        }
        List<Event> missed = new ArrayList<>();
        for (Event event : events) {
            if (event.stream() == stream && event.id() > id) {
                missed.add(event);
            }
        }
        return missed;
    }

    private static int size(Event event) {
        return event.message().length + 64;
    }
}
