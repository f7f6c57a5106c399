// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.audit.AuditEvent.SessionOpened;
import dev.mcpmtls.audit.AuditEvent.SessionRefused;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.Records;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.Quota.Place;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The legacy sessions that are open: so many per owner, each for its owner alone. Thread-safe. */
public final class SessionStore {

    private final Map<String, Session> open = new ConcurrentHashMap<>();
    private final @Nullable SessionTokens tokens;
    private final Quota quota;
    private final Limits limits;
    private final Records records;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Observer observer;

    /**
     * No sessions yet.
     *
     * @param clock the time of day, for records
     * @param tokens hear of sessions that end; null when ids are not sealed
     * @param nanoTime the time, as of {@link System#nanoTime()}
     */
    public SessionStore(
            Limits limits,
            Records records,
            InstantSource clock,
            LongSupplier nanoTime,
            @Nullable SessionTokens tokens,
            Observer observer) {
        this.quota = new Quota(limits.sessions(), limits.sessionsPerIdentity());
        this.limits = limits;
        this.records = records;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.tokens = tokens;
        this.observer = observer;
    }

    /** Takes a place for one more session of this caller; completes when that is recorded, fails when there is no place. */
    CompletionStage<Void> reserve(IncomingRequest incoming, String sessionId) {
        Caller caller = incoming.caller();
        try {
            take(incoming.owner());
        } catch (RefusedException full) {
            return refuse(caller, "", full);
        }
        return records.record(new SessionOpened(
                        clock.instant(), caller.connection(), caller.peer(), digest(sessionId), caller.token()))
                .whenComplete((recorded, failure) -> {
                    if (failure != null) {
                        quota.give(incoming.owner());
                    }
                });
    }

    /**
     * Takes a place. An owner that has all it may have loses its longest idle session, so abandoned sessions do not lock it out. Where it has none, and its
     * certificate has all it may have, another owner of that certificate loses one.
     */
    private void take(Owner owner) {
        for (Place place = quota.take(owner); place != Place.TAKEN; place = quota.take(owner)) {
            Optional<Session> idlest = switch (place) {
                case SUBJECT_FULL -> idlest(owner::equals);
                case CERTIFICATE_FULL -> idlest(owner::equals).or(() -> idlest(owner::hasCertificateOf));
                case FULL, TAKEN -> Optional.empty();
            };
            if (idlest.isEmpty()) {
                quota.require(owner, "sessions");
                return;
            }
            release(idlest.get());
        }
    }

    private Optional<Session> idlest(Predicate<Owner> whose) {
        return open.values().stream()
                .filter(session -> whose.test(session.owner()) && !session.isBusy())
                .min(Comparator.comparingLong(Session::usedAt));
    }

    /**
     * Opens a session whose place was reserved.
     *
     * @param version the protocol version that was negotiated
     */
    Session open(BackendSession backend, IncomingRequest opener, String version, Json json) {
        Session session = new Session(backend, opener.caller(), opener.wire(), version, limits, json, nanoTime);
        open.put(session.id(), session);
        return session;
    }

    /** As {@link #open}; false when the session is open already, which another request of its client may have done meanwhile. */
    boolean openIfAbsent(BackendSession backend, IncomingRequest opener, String version, Json json) {
        Session session = new Session(backend, opener.caller(), opener.wire(), version, limits, json, nanoTime);
        return open.putIfAbsent(session.id(), session) == null;
    }

    /** Gives a reserved place back that no session came to fill. */
    void release(Owner owner) {
        quota.give(owner);
    }

    /**
     * The caller's session of that id.
     *
     * @return null when this caller has none, even if another has one of that id
     */
    @Nullable
    Session find(IncomingRequest incoming, String id) {
        Session session = open.get(id);
        if (session == null || !session.owner().equals(incoming.owner())) {
            return null;
        }
        session.usedBy(incoming.caller());
        return session;
    }

    /** Fails with the one answer there is for a session that the caller does not have, when that is recorded. */
    CompletionStage<Void> refuseUnknown(Caller caller, String id) {
        RefusedException unknown =
                new RefusedException(404, ErrorCode.INVALID_REQUEST, "there is no such session; initialize a new one");
        return refuse(caller, digest(id), unknown);
    }

    private CompletionStage<Void> refuse(Caller caller, String session, RefusedException refused) {
        return records.record(new SessionRefused(
                        clock.instant(),
                        caller.connection(),
                        caller.peer(),
                        session,
                        refused.message(),
                        caller.token()))
                .thenRun(() -> {
                    throw refused;
                });
    }

    /** Ends a session, as its client wants it. */
    void close(Session session) {
        remove(session, true);
    }

    /** Ends a session here. Another process that has its token may be serving it, and this one may take it up again. */
    void release(Session session) {
        remove(session, session.backend().resumption() == null);
    }

    private void remove(Session session, boolean forEverybody) {
        if (!open.remove(session.id(), session)) {
            return;
        }
        quota.give(session.owner());
        observer.sessionEnded(Observer.Side.SERVER, session.version(), session.wire(), session.age());
        if (!forEverybody) {
            session.release();
            return;
        }
        if (tokens != null) {
            tokens.ended(session.id());
        }
        session.close();
    }

    /** Ends the sessions that have been idle for too long. */
    public void sweep() {
        for (Session session : open.values()) {
            if (session.isIdle(limits.sessionIdleTimeout())) {
                release(session);
            }
        }
    }

    public int count() {
        return open.size();
    }

    /** Every open session. */
    Collection<Session> all() {
        return List.copyOf(open.values());
    }

    @Nullable
    Session get(String id) {
        return open.get(id);
    }

    private static String digest(String sessionId) {
        return HexFormat.of().formatHex(Sha256.of(sessionId.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }
}
