// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.task;

import dev.mcpmtls.audit.AuditEvent.TaskEnded.End;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task whose handler runs here, and then its outcome. Its status only moves on: after a terminal one nothing changes it.
 *
 * @see <a href="https://github.com/modelcontextprotocol/ext-tasks">MCP Tasks extension</a>
 */
public final class RunningTask extends StoredTask {

    private static final int POLL_MILLIS = 1_000;
    private static final int MAX_MESSAGE = 1_000;

    /**
     * A question to the client that awaits its answer.
     *
     * @param asked its method and parameters, as the client is told
     * @param answered takes the client's answer; runs on a worker
     */
    public record Question(Map<String, Object> asked, Consumer<Map<String, Object>> answered) {}

    private final TaskStore store;
    private final Runnable stop;
    private final Instant createdAt;
    private final Map<String, Question> open = new LinkedHashMap<>();
    private final Map<String, Object> outcome = new LinkedHashMap<>();

    // The place is given back when the handler has really ended and the store has dropped the task.
    private final AtomicInteger parts = new AtomicInteger(2);
    private final Runnable gone;
    private TaskStatus status = TaskStatus.WORKING;
    private @Nullable String message;
    private Instant updatedAt;
    private Instant expiresAt;
    private int bytes;
    private int asked;
    private boolean read;
    private boolean over;

    RunningTask(TaskStore store, String id, TaskOrigin origin, int bytes, Instant now, Runnable stop, Runnable gone) {
        super(id, origin);
        this.store = store;
        this.bytes = bytes;
        this.createdAt = now;
        this.updatedAt = now;
        this.expiresAt = now.plus(store.lifetime());
        this.stop = stop;
        this.gone = gone;
    }

    /** The members that every view of it has. */
    public synchronized Map<String, Object> summary() {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("taskId", id());
        view.put("status", status.text());
        if (message != null) {
            view.put("statusMessage", message);
        }
        view.put("createdAt", text(createdAt));
        view.put("lastUpdatedAt", text(updatedAt));
        view.put("ttlMs", ChronoUnit.MILLIS.between(createdAt, expiresAt));
        view.put("pollIntervalMs", POLL_MILLIS);
        return view;
    }

    /** Its whole state. Counts as read when it has ended. */
    public synchronized Map<String, Object> whole() {
        Map<String, Object> view = summary();
        if (status == TaskStatus.INPUT_REQUIRED) {
            Map<String, Object> questions = new LinkedHashMap<>();
            open.forEach((key, question) -> questions.put(key, question.asked()));
            view.put("inputRequests", questions);
        }
        view.putAll(outcome);
        read |= status.isTerminal();
        return view;
    }

    private static String text(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    public synchronized TaskStatus status() {
        return status;
    }

    /** Says how far the work is. */
    public synchronized void say(String text) {
        if (!status.isTerminal()) {
            message = text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) : text;
            updatedAt = store.now();
        }
    }

    /** Asks the client; nothing happens when the task has ended. */
    public void ask(Question question) {
        String key;
        synchronized (this) {
            key = "input-" + ++asked;
        }
        ask(key, question);
    }

    /** Asks the client under a key that was {@link #answered} with an answer that did not reach the handler. */
    public void ask(String key, Question question) {
        synchronized (this) {
            if (status.isTerminal()) {
                return;
            }
            open.put(key, question);
            move(TaskStatus.INPUT_REQUIRED);
        }
        store.changed(this);
    }

    /** The open question of that key; null when there is none. */
    public synchronized @Nullable Question question(String key) {
        return open.get(key);
    }

    /** Takes the question of that key out: it is answered. Null when there is none, or no longer. */
    public @Nullable Question answered(String key) {
        Question question;
        synchronized (this) {
            question = open.remove(key);
            if (question == null || !open.isEmpty() || status.isTerminal()) {
                return question;
            }
            move(TaskStatus.WORKING);
        }
        store.changed(this);
        return question;
    }

    /** The handler has its result. */
    public void complete(Map<String, Object> result) {
        end(TaskStatus.COMPLETED, End.COMPLETED, "result", result);
    }

    /** The request failed. */
    public void fail(Outlet.Failure failure) {
        end(TaskStatus.FAILED, End.FAILED, "error", error(failure));
    }

    private static Map<String, Object> error(Outlet.Failure failure) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", failure.code());
        error.put("message", failure.message());
        if (failure.data() != null) {
            error.put("data", failure.data());
        }
        return error;
    }

    /** As {@link #fail(Outlet.Failure)}, with what would have answered the request. */
    public void fail(RefusedException refused) {
        fail(new Outlet.Failure(refused.code(), refused.message(), refused.data(), null));
    }

    private void end(TaskStatus last, End end, String member, Map<String, Object> value) {
        int size = store.size(value);
        if (!store.hold(owner(), size)) {
            String tooMuch = "the result has " + size + " bytes, which is more than the server keeps for this client";
            // These few bytes need no room: there may be none.
            end(
                    TaskStatus.FAILED,
                    End.FAILED,
                    Map.of("error", Map.of("code", ErrorCode.INTERNAL_ERROR, "message", tooMuch)),
                    0);
            return;
        }
        if (!end(last, end, Map.of(member, value), size)) {
            store.release(owner(), size);
        }
    }

    /** Whether it had not ended before. */
    private boolean end(TaskStatus last, End end, Map<String, Object> how, int size) {
        synchronized (this) {
            if (status.isTerminal()) {
                return false;
            }
            open.clear();
            message = null; // it was about the work
            outcome.putAll(how);
            bytes += size;
            move(last);
            expiresAt = updatedAt.plus(store.lifetime());
        }
        store.ended(id(), origin(), end);
        store.changed(this);
        return true;
    }

    private void move(TaskStatus next) {
        status = next;
        updatedAt = store.now();
    }

    /** Its owner gives it up. Has no effect on one that has ended. */
    public void cancel() {
        synchronized (this) {
            read = true;
        }
        if (end(TaskStatus.CANCELLED, End.CANCELLED, Map.of(), 0)) {
            stop.run();
        }
    }

    @Override
    boolean expire(Instant now) {
        if (now.isBefore(expiresAt())) {
            return false;
        }
        Map<String, Object> error = Map.of(
                "code", ErrorCode.INTERNAL_ERROR, "message", "the task took longer than the server lets one take");
        if (end(TaskStatus.FAILED, End.EXPIRED, Map.of("error", error), 0)) {
            stop.run();
            return true;
        }
        return !now.isBefore(expiresAt());
    }

    /** Nothing of its handler is left: if that forgot to answer, it is an error. */
    public void over() {
        fail(RefusedException.internalError());
        synchronized (this) {
            over = true;
        }
        partGone();
    }

    @Override
    void dropped() {
        partGone();
    }

    private void partGone() {
        if (parts.decrementAndGet() == 0) {
            gone.run();
        }
    }

    @Override
    synchronized Instant expiresAt() {
        return expiresAt;
    }

    @Override
    synchronized boolean hasEnded() {
        return over && status.isTerminal();
    }

    @Override
    synchronized boolean isSpent() {
        return read && hasEnded();
    }

    @Override
    synchronized int bytes() {
        return bytes;
    }
}
