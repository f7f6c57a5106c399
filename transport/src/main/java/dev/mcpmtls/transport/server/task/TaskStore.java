// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TaskBegun;
import dev.mcpmtls.audit.AuditEvent.TaskEnded;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.Quota.Place;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a server's callers: bounded in number, bytes and time, and gone with the process. A task is known to its owner only:
 * to all others it does not exist. Thread-safe.
 */
public final class TaskStore {

    private static final int ID_BYTES = 16;

    private final Map<String, StoredTask> tasks = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final Quota places;
    private final Quota bytes;
    private final Duration lifetime;
    private final InstantSource clock;
    private final Json json;
    private final Consumer<AuditEvent> audit;
    private volatile Consumer<RunningTask> listener = changed -> {};

    /** @param audit records the begin and the end of each task; it must not block */
    public TaskStore(Limits limits, InstantSource clock, Json json, Consumer<AuditEvent> audit) {
        this.places = new Quota(limits.tasks(), limits.tasksPerIdentity());
        this.bytes = new Quota(limits.taskBytes(), limits.taskBytesPerIdentity());
        this.lifetime = limits.taskLifetime();
        this.clock = clock;
        this.json = json;
        this.audit = audit;
    }

    /** Has a listener told of every task whose status changes; it must not block. */
    public void onChange(Consumer<RunningTask> told) {
        listener = told;
    }

    /**
     * A request becomes a task.
     *
     * @param stop stops its handler
     * @throws RefusedException when there is no room for it
     */
    public RunningTask begin(TaskOrigin origin, Runnable stop) {
        int size = admit(origin, 0);
        Runnable gone = () -> places.give(origin.owner());
        RunningTask task = new RunningTask(this, newId(), origin, size, now(), stop, gone);
        begun(task);
        return task;
    }

    /**
     * An upstream has made a task of a request.
     *
     * @param upstreamId its name there
     * @param ttl how long the upstream keeps it; null when it does not say
     * @throws RefusedException when there is no room for it
     */
    public UpstreamTask pass(TaskOrigin origin, String upstreamId, @Nullable Duration ttl) {
        int size = admit(origin, upstreamId.length());
        Duration most = lifetime.multipliedBy(2);
        Instant expiresAt = now().plus(ttl == null || ttl.compareTo(most) > 0 ? most : ttl);
        Runnable gone = () -> places.give(origin.owner());
        String id = newId();
        UpstreamTask task =
                new UpstreamTask(id, origin, upstreamId, size, expiresAt, end -> ended(id, origin, end), gone);
        begun(task);
        return task;
    }

    private void begun(StoredTask task) {
        TaskOrigin origin = task.origin();
        Caller caller = origin.caller();
        audit.accept(new TaskBegun(now(), caller.connection(), caller.peer(), origin.call(), digest(task.id())));
        tasks.put(task.id(), task);
    }

    void ended(String id, TaskOrigin origin, TaskEnded.End end) {
        Caller caller = origin.caller();
        audit.accept(new TaskEnded(now(), caller.connection(), caller.peer(), origin.call(), digest(id), end));
    }

    private static String digest(String id) {
        return Sha256.hex(id.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    private int admit(TaskOrigin origin, int more) {
        Owner owner = origin.owner();
        String name = owner.identity().text();
        Place place = places.take(owner);
        while (place != Place.TAKEN && giveWay(owner, place)) {
            place = places.take(owner);
        }
        switch (place) {
            case SUBJECT_FULL, CERTIFICATE_FULL ->
                throw RefusedException.tooMany("too many tasks of " + name
                        + " have not ended; wait for one and read its outcome (tasks/get), or cancel it"
                        + " (tasks/cancel)");
            case FULL -> throw RefusedException.unavailable("the server has too many tasks; try again later");
            case TAKEN -> {}
        }
        int size = size(origin.request().params()) + more;
        for (Place room = bytes.take(owner, size); room != Place.TAKEN; room = bytes.take(owner, size)) {
            if (!giveWay(owner, room)) {
                places.give(owner);
                throw RefusedException.tooMany("too many bytes of tasks for " + name);
            }
        }
        return size;
    }

    /** In hexadecimal digits: a name that begins with a hyphen would be an option on a command line. */
    private String newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /** The task of that name, if it is this owner's. */
    public Optional<StoredTask> find(Owner owner, String id) {
        return Optional.ofNullable(tasks.get(id))
                .filter(task -> task.owner().equals(owner) && now().isBefore(task.expiresAt()));
    }

    /** How many there are. */
    public int count() {
        return (int) places.sum();
    }

    /** Ends those whose time is over. To be called every now and then. */
    public void sweep() {
        expire(now());
    }

    private void expire(Instant now) {
        tasks.values().stream().filter(task -> task.expire(now)).forEach(this::drop);
    }

    /** Ends all of them. */
    public void close() {
        expire(Instant.MAX);
    }

    /** A new task is worth more to the owner than an outcome that it did not read, and that more than nothing. */
    private boolean giveWay(Owner owner, Place full) {
        return dropSpent(owner, full) || dropOldest(owner::equals, StoredTask::hasEnded);
    }

    /** Drops an outcome that was read; one of another subject when their certificate has all it may have. */
    private boolean dropSpent(Owner owner, Place full) {
        return dropOldest(owner::equals, StoredTask::isSpent)
                || (full == Place.CERTIFICATE_FULL && dropOldest(owner::hasCertificateOf, StoredTask::isSpent));
    }

    /** Forgets the oldest task of that kind; whether there was one. */
    private boolean dropOldest(Predicate<Owner> whose, Predicate<StoredTask> kind) {
        Optional<StoredTask> oldest = tasks.values().stream()
                .filter(task -> whose.test(task.owner()) && kind.test(task))
                .min(Comparator.comparing(StoredTask::expiresAt));
        oldest.ifPresent(this::drop);
        return oldest.isPresent();
    }

    private void drop(StoredTask task) {
        if (tasks.remove(task.id(), task)) {
            release(task.owner(), task.bytes());
            task.dropped();
        }
    }

    Instant now() {
        return clock.instant();
    }

    Duration lifetime() {
        return lifetime;
    }

    int size(Map<String, Object> value) {
        return json.write(value).length;
    }

    /** Takes room for bytes, in place of tasks that have ended and were read if need be; whether there is some. */
    boolean hold(Owner owner, int size) {
        for (Place room = bytes.take(owner, size); room != Place.TAKEN; room = bytes.take(owner, size)) {
            if (!dropSpent(owner, room)) {
                return false;
            }
        }
        return true;
    }

    void release(Owner owner, int size) {
        bytes.give(owner, size);
    }

    void changed(RunningTask task) {
        listener.accept(task);
    }
}
