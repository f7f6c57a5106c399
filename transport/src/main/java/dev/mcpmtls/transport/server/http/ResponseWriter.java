// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.transport.server.call.Reply;
import dev.mcpmtls.transport.server.call.Slot;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.RefusedException;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one HTTP response of a request: a single JSON document, or, from the first event on, a stream of server-sent events.
 * Callable from any thread; everything happens in order on the connection's event loop. Output after the end, or after the
 * client has gone, is dropped.
 */
final class ResponseWriter implements Reply {

    private static final byte[] KEEP_ALIVE = ": \n\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private static final long REFUSED_STREAM = 7;

    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private final HttpServerResponse response;
    private final boolean http1;
    private final Carrier connection;
    private final PendingOutput out;
    private final Context loop;
    private final Thread thread = Thread.currentThread();
    private final AtomicInteger coming = new AtomicInteger();
    private final Limits limits;
    private final Json json;
    private final List<Runnable> whenDone = new ArrayList<>();
    private final List<Runnable> whenGone = new ArrayList<>();
    private volatile @Nullable Object requestId;
    private @Nullable Slot slot;
    private boolean streaming;
    private boolean ended;
    private boolean done;
    private boolean gone;
    private boolean succeeded;
    private long lastEvent;
    private BooleanSupplier over = () -> false;

    /** A reply to the request whose handler is running, on the event loop {@code loop}. */
    ResponseWriter(HttpServerRequest request, Carrier connection, Context loop, Limits limits, Json json) {
        this.response = request.response();
        this.http1 = request.version() != HttpVersion.HTTP_2;
        this.connection = connection;
        this.out = new PendingOutput(response, http1, connection);
        this.loop = loop;
        this.limits = limits;
        this.json = json;
        response.closeHandler(closed -> finish());
        response.exceptionHandler(failure -> finish());
    }

    /** From now on the request's id is known. */
    void answers(@Nullable Object id) {
        requestId = id;
    }

    @Override
    public void holds(Slot taken) {
        onLoop(() -> {
            slot = taken;
            if (done) {
                taken.leaving();
            }
        });
    }

    /** Runs the action once, when the response has left or the client has. */
    @Override
    public void whenDone(Runnable action) {
        onLoop(() -> {
            if (done) {
                action.run();
            } else {
                whenDone.add(action);
            }
        });
    }

    /** Runs the action once if the client goes away before the response is complete. */
    @Override
    public void whenGone(Runnable action) {
        onLoop(() -> {
            if (gone) {
                action.run();
            } else if (!done) {
                whenGone.add(action);
            }
        });
    }

    /** A header of the response; ignored once the response has begun. */
    @Override
    public ResponseWriter header(String name, String value) {
        onLoop(() -> {
            if (!streaming && !ended) {
                response.putHeader(name, value);
            }
        });
        return this;
    }

    /** 202, for a message that needs no answer. */
    @Override
    public void accepted() {
        empty(202);
    }

    /** A status and nothing else. */
    @Override
    public void empty(int status) {
        onLoop(() -> {
            if (begin()) {
                response.setStatusCode(status);
                end(Buffer.buffer());
            }
        });
    }

    /** A JSON-RPC error with its HTTP status; on a stream that is already open, an event without the status. */
    @Override
    public void error(@Nullable Object id, RefusedException refused) {
        retryAfter(refused);
        answer(refused.status(), null, refused.answer(json, id));
    }

    /**
     * As {@link #error}, for a request of which nothing was done. On HTTP/2 its stream is reset instead when too many of its caller's
     * refusals wait to be read (RFC 9113, section 8.7).
     */
    @Override
    public void refuse(@Nullable Object id, RefusedException refused) {
        retryAfter(refused);
        onLoop(() -> {
            if (ended || done) {
                return;
            }
            if (http1 || streaming || mayRefuse()) {
                answerNow(refused.status(), null, refused.answer(json, id));
            } else {
                response.reset(REFUSED_STREAM);
                finish();
            }
        });
    }

    /** Tells the client to come back soon (RFC 9110, section 10.2.3). */
    private void retryAfter(RefusedException refused) {
        if (refused.status() == 503) {
            var unused = header("retry-after", "1");
        }
    }

    private boolean mayRefuse() {
        boolean may = connection.unread().mayRefuse(connection.owner());
        if (may) {
            whenDone.add(() -> connection.unread().refusalLeft(connection.owner()));
        }
        return may;
    }

    /** The final message: the whole response, or the last event of a stream. A message for which there is no room is refused instead. */
    @Override
    public void answer(int status, @Nullable String eventId, byte[] message) {
        onLoop(() -> answerNow(status, eventId, message));
    }

    private void answerNow(int status, @Nullable String eventId, byte[] message) {
        if (ended || done) {
            return;
        }
        leaving();
        if (streaming) {
            write(sse(eventId, message));
            end(Buffer.buffer());
        } else {
            try {
                out.makeRoom(message.length);
                document(status, message);
            } catch (RefusedException noRoom) {
                document(noRoom.status(), noRoom.answer(json, requestId));
            }
        }
        if (!done) {
            loop.runOnContext(written -> unread()); // by then it was flushed
        }
    }

    private void leaving() {
        Slot taken = slot;
        if (taken != null) {
            taken.leaving();
        }
    }

    private void unread() {
        Slot taken = slot;
        if (taken != null && !done) {
            taken.unread();
        }
    }

    private void document(int status, byte[] message) {
        if (status == RefusedException.TOO_MANY) {
            connection.overdraws();
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(message.length));
        end(BufferInternal.buffer(Unpooled.wrappedBuffer(message)));
    }

    /** One more message on the stream, which this opens if need be. */
    @Override
    public void event(@Nullable String eventId, byte[] message) {
        onLoop(() -> {
            openStream();
            write(sse(eventId, message));
        });
    }

    /** Opens the stream without an event. */
    @Override
    public void open() {
        onLoop(this::openStream);
    }

    /** Ends a stream; a response that has not begun becomes an empty 202. */
    @Override
    public void end() {
        onLoop(() -> {
            if (!ended) {
                if (!streaming) {
                    response.setStatusCode(202);
                }
                end(Buffer.buffer());
            }
        });
    }

    /**
     * Checks the open stream; on the event loop.
     *
     * @param now from {@link Carrier#now}
     * @param patience for so many nanoseconds the reader may take nothing
     * @return whether the reader has stalled for too long, so that it must be {@link #cut} off
     */
    boolean hasStalled(long now, long patience) {
        if (out.unsent() > 0) {
            return now - out.movedAt() > patience;
        }
        if (streaming && !ended && now - lastEvent > limits.keepAlive().toNanos()) {
            write(Buffer.buffer(KEEP_ALIVE));
        }
        return false;
    }

    /** Ends the stream, as if its client had gone, soon after this is true. */
    void endsWhen(BooleanSupplier isOver) {
        onLoop(() -> over = isOver);
    }

    /** Whether the stream is to end, so that it must be {@link #leave left}; on the event loop. */
    boolean isOver() {
        return over.getAsBoolean();
    }

    /** Ends the stream. The events that follow wait for a client that comes back. */
    void leave() {
        if (!ended && !done) {
            List<Runnable> those = List.copyOf(whenGone);
            whenGone.clear();
            those.forEach(Runnable::run);
            end(Buffer.buffer());
        }
    }

    /** The reader is too slow. On HTTP/2 its stream ends; on HTTP/1.1 there is nothing to end but the connection. */
    void cut() {
        if (http1) {
            connection.cut();
        } else {
            connection.unread().stalled();
            response.reset();
            finish();
        }
    }

    /** Whether the response or its client has left; on the event loop. */
    boolean isDone() {
        return done;
    }

    /** Whether the request was answered with success; on the event loop. */
    boolean succeeded() {
        return succeeded;
    }

    private boolean begin() {
        return !streaming && !ended;
    }

    private void openStream() {
        if (!begin() || done) {
            return;
        }
        streaming = true;
        response.setChunked(http1)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-cache, no-transform")
                .putHeader("x-accel-buffering", "no");
        response.writeHead();
    }

    private static Buffer sse(@Nullable String eventId, byte[] message) {
        Buffer event = Buffer.buffer(message.length + 48);
        if (eventId != null) {
            event.appendString("id: ").appendString(eventId).appendString("\n");
        }
        if (message.length > 0) {
            event.appendString("event: message\n");
        }
        return event.appendString("data: ").appendBytes(message).appendString("\n\n");
    }

    private void write(Buffer buffer) {
        if (ended || done) {
            return;
        }
        if (out.unsent() > 0 && out.unsent() + buffer.length() > limits.maxUnsent()) {
            cut();
            return;
        }
        try {
            out.makeRoom(buffer.length());
        } catch (RefusedException noRoom) {
            cut();
            return;
        }
        lastEvent = connection.now();
        out.write(buffer);
    }

    private void end(Buffer last) {
        if (done) {
            return;
        }
        ended = true;
        out.end(last).onComplete(left -> {
            succeeded = left.succeeded() && response.getStatusCode() < 400;
            finish();
        });
    }

    private void finish() {
        if (done) {
            return;
        }
        done = true;
        gone = !ended;
        out.close();
        leaving();
        if (gone) {
            whenGone.forEach(Runnable::run);
        }
        whenDone.forEach(Runnable::run);
    }

    /** Runs the action on the event loop: at once when this is its thread, and nothing that was to happen earlier is still to come. */
    @Override
    public void onLoop(Runnable action) {
        if (thread.equals(Thread.currentThread()) && coming.get() == 0) {
            action.run();
            return;
        }
        later(action);
    }

    @Override
    public void defer() {
        later(() -> {}); // all that follows has to wait for its turn
    }

    private void later(Runnable action) {
        coming.incrementAndGet();
        loop.runOnContext(now -> {
            coming.decrementAndGet();
            action.run();
        });
    }
}
