// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
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
    private volatile Consumer<RunningTask> listener = changed -> {};

    public TaskStore(Limits limits, InstantSource clock, Json json) {
        this.places = new Quota(limits.tasks(), limits.tasksPerIdentity());
        this.bytes = new Quota(limits.taskBytes(), limits.taskBytesPerIdentity());
        this.lifetime = limits.taskLifetime();
        this.clock = clock;
        this.json = json;
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
    public RunningTask begin(Owner owner, Request request, Runnable stop) {
        int size = admit(owner, request);
        String id = newId();
        RunningTask task =
                new RunningTask(this, id, owner, withoutText(request), size, now(), stop, () -> places.give(owner));
        tasks.put(id, task);
        return task;
    }

    /**
     * An upstream has made a task of a request.
     *
     * @param upstreamId its name there
     * @param ttl how long the upstream keeps it; null when it does not say
     * @throws RefusedException when there is no room for it
     */
    public UpstreamTask pass(Owner owner, Request request, String upstreamId, @Nullable Duration ttl) {
        int size = admit(owner, request);
        String id = newId();
        Duration most = lifetime.multipliedBy(2);
        Instant expiresAt = now().plus(ttl == null || ttl.compareTo(most) > 0 ? most : ttl);
        UpstreamTask task = new UpstreamTask(
                id, owner, withoutText(request), upstreamId, size, expiresAt, () -> places.give(owner));
        tasks.put(id, task);
        return task;
    }

    private int admit(Owner owner, Request request) {
        int size = size(request.params());
        if (places.take(owner) != Quota.Place.TAKEN) {
            dropSpent(owner);
            places.require(owner, "tasks");
        }
        if (!hold(owner, size)) {
            places.give(owner);
            throw RefusedException.tooMany(
                    "too many bytes of tasks for " + owner.identity().text());
        }
        return size;
    }

    /** The parameters are kept for the decisions to come, and counted. */
    private static Request withoutText(Request request) {
        return new Request(request.id(), request.method(), request.params());
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
        Instant now = now();
        tasks.values().forEach(task -> {
            if (!now.isBefore(task.expiresAt())) {
                task.expire();
                drop(task);
            }
        });
    }

    /** Ends all of them. */
    public void close() {
        tasks.values().forEach(task -> {
            task.expire();
            drop(task);
        });
    }

    /** Forgets the owner's oldest task that has ended and was read; whether there was one. */
    private boolean dropSpent(Owner owner) {
        Optional<StoredTask> oldest = tasks.values().stream()
                .filter(task -> task.owner().equals(owner) && task.isSpent())
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
        while (!bytes.tryTake(owner, size)) {
            if (!dropSpent(owner)) {
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
