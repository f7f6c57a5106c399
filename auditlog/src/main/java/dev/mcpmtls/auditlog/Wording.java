// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.CallDecided;
import dev.mcpmtls.audit.AuditEvent.SessionOpened;
import dev.mcpmtls.audit.AuditEvent.SessionRefused;
import dev.mcpmtls.audit.AuditEvent.TaskBegun;
import dev.mcpmtls.audit.AuditEvent.TaskEnded;
import dev.mcpmtls.audit.AuditEvent.TokenRefused;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.Trace;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.trust.Peer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;

/** Encodes events as fields, and caches those of connections and calls that repeat. Used by one thread. */
final class Wording {

    private static final byte[] NOTHING = {};

    private final Recent<Counterpart> counterparts = new Recent<>();
    private final Recent<Decided> decided = new Recent<>();

    /** The other end of a connection. Peers are equal when they come from the same verdict. */
    private record Counterpart(ConnectionFacts connection, Peer peer) {}

    private record Decided(Peer caller, Call call, Decision decision, String service) {}

    /**
     * An event as a record, before it has a place in the chain.
     *
     * @param words its fields after the time stamp, as {@link JsonFields#encode} has them
     * @param counterpart the fields after those
     */
    @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
    record Worded(Instant at, byte[] words, byte[] counterpart) {}

    Worded of(AuditEvent event, String service) {
        Supplier<Map<String, Object>> fields = () -> EventFields.of(event, service);
        if (event instanceof CallDecided e) {
            Decided key = new Decided(e.caller(), e.call(), e.decision(), service);
            byte[] counterpart = counterpart(e.connection(), e.caller());
            return new Worded(
                    e.at(),
                    decided.wordsFor(key, fields),
                    e.trace().map(trace -> with(counterpart, trace)).orElse(counterpart));
        }
        byte[] words = JsonFields.encode(fields.get());
        if (event instanceof SessionOpened e) {
            return new Worded(e.at(), words, counterpart(e.connection(), e.peer()));
        }
        if (event instanceof SessionRefused e) {
            return new Worded(e.at(), words, counterpart(e.connection(), e.peer()));
        }
        if (event instanceof TaskBegun e) {
            return new Worded(e.at(), words, counterpart(e.connection(), e.caller()));
        }
        if (event instanceof TaskEnded e) {
            return new Worded(e.at(), words, counterpart(e.connection(), e.caller()));
        }
        if (event instanceof TokenRefused e) {
            return new Worded(e.at(), words, counterpart(e.connection(), e.peer()));
        }
        return new Worded(event.at(), words, NOTHING);
    }

    /** Differs with each call, so it is in no cache. */
    private static byte[] with(byte[] counterpart, Trace trace) {
        byte[] fields = JsonFields.encode(EventFields.trace(trace));
        byte[] both = Arrays.copyOf(counterpart, counterpart.length + fields.length);
        System.arraycopy(fields, 0, both, counterpart.length, fields.length);
        return both;
    }

    private byte[] counterpart(ConnectionFacts connection, Peer peer) {
        return counterparts.wordsFor(
                new Counterpart(connection, peer), () -> EventFields.counterpart(connection, peer));
    }

    /** The log's own record of an interruption, with the records that may be missing. */
    static Worded resumed(Instant at, long lost, String torn) {
        return new Worded(at, JsonFields.encode(EventFields.resumed(lost, torn)), NOTHING);
    }
}
