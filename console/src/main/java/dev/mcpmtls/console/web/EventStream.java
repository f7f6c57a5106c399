// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import dev.mcpmtls.console.events.EventFilter;
import dev.mcpmtls.console.events.LiveEvents;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One viewer's stream of server-sent events (WHATWG HTML, section 9.2). Events that the viewer does not take in time are counted and dropped.
 * The thread that follows the log fills the queue; the connection's event loop empties it.
 */
final class EventStream implements LiveEvents.Viewer {

    static final int MOST_QUEUED = 256;
    private static final int WRITE_QUEUE = 64 * 1024;
    private static final Duration STALL = Duration.ofSeconds(30);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final EventFilter filter;
    private final OptionalLong after;
    private final Context context;
    private final Times times;
    private final Instant openedAt = Instant.now();
    private final Deque<String> queue = new ArrayDeque<>();
    private long dropped;
    private boolean isDraining;
    private volatile Instant movedAt = Instant.now();

    /**
     * How a stream lasts.
     *
     * @param beat between two signs of life
     * @param longest after which it ends, and its viewer comes back
     */
    record Times(Duration beat, Duration longest) {

        static final Times USUAL = new Times(Duration.ofSeconds(15), Duration.ofHours(1));
    }

    private EventStream(
            HttpServerRequest request, Api.StreamQuery query, OptionalLong after, Context context, Times times) {
        this.request = request;
        this.response = request.response();
        this.filter = query.filter();
        this.after = after;
        this.context = context;
        this.times = times;
    }

    /** Opens a stream on the request's event loop, unless there are too many; whether it did. */
    static boolean open(
            HttpServerRequest request, Api.StreamQuery query, LiveEvents live, Context context, Times times) {
        EventStream stream = new EventStream(request, query, after(request, query), context, times);
        if (!live.add(stream)) {
            return false;
        }
        long timer = context.owner().setPeriodic(times.beat().toMillis(), tick -> stream.tick());
        Handler<Void> leave = over -> {
            context.owner().cancelTimer(timer);
            live.remove(stream);
        };
        stream.response
                .setChunked(true)
                .setWriteQueueMaxSize(WRITE_QUEUE)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-store")
                // One when the connection closes under it, the other when it ends and the connection stays.
                .closeHandler(leave)
                .endHandler(leave)
                .drainHandler(drained -> stream.drain());
        var unused = stream.response.write("retry: 2000\n\n");
        return true;
    }

    private static OptionalLong after(HttpServerRequest request, Api.StreamQuery query) {
        String last = request.getHeader("last-event-id");
        if (last != null && last.matches("\\d{1,18}")) {
            return OptionalLong.of(Long.parseLong(last));
        }
        return query.after().map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    @Override
    public EventFilter filter() {
        return filter;
    }

    @Override
    public OptionalLong after() {
        return after;
    }

    @Override
    public void begins(long last) {
        offer("hello", Map.of("now", Instant.now().toString(), "id", last));
    }

    @Override
    public void event(long id, String json) {
        offer("id: " + id + "\nevent: audit\ndata: " + json + "\n\n");
    }

    @Override
    public void missed(long count) {
        synchronized (queue) {
            dropped += count;
        }
        wake();
    }

    @Override
    public void failed(String why) {
        offer("failed", Map.of("message", why));
        context.runOnContext(none -> response.end());
    }

    private void offer(String event, Map<String, ?> data) {
        offer(text(event, data));
    }

    private static String text(String event, Map<String, ?> data) {
        return "event: " + event + "\ndata: " + Json.encode(data) + "\n\n";
    }

    /** Queues an event with the number of those missed before it, or counts it as missed. */
    private void offer(String text) {
        synchronized (queue) {
            if (queue.size() >= MOST_QUEUED) {
                dropped++;
            } else {
                takeMissed().ifPresent(queue::add);
                queue.add(text);
            }
        }
        wake();
    }

    private Optional<String> takeMissed() {
        long count = dropped;
        dropped = 0;
        return count == 0 ? Optional.empty() : Optional.of(text("missed", Map.of("count", count)));
    }

    private void wake() {
        boolean isIdle;
        synchronized (queue) {
            isIdle = !isDraining;
            isDraining = true;
        }
        if (isIdle) {
            context.runOnContext(none -> drain());
        }
    }

    /** On the event loop. */
    private void drain() {
        while (!response.ended() && !response.closed()) {
            if (response.writeQueueFull()) {
                return; // goes on when it has drained
            }
            movedAt = Instant.now();
            Optional<String> next;
            synchronized (queue) {
                next = Optional.ofNullable(queue.poll()).or(this::takeMissed);
                isDraining = next.isPresent();
            }
            if (next.isEmpty()) {
                return;
            }
            var unused = response.write(next.get());
        }
    }

    private void tick() {
        Instant now = Instant.now();
        if (Duration.between(openedAt, now).compareTo(times.longest()) > 0) {
            var unused = response.end();
        } else if (response.writeQueueFull() && Duration.between(movedAt, now).compareTo(STALL) > 0) {
            var unused = request.connection().close();
        } else {
            offer("beat", Map.of("now", now.toString()));
        }
    }
}
