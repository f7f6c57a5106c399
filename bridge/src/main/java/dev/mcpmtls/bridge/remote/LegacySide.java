// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.Method;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The revisions with sessions, up to 2025-11-25. The host's {@code initialize} opens a session of the server. When the server has lost
 * the session, the same message opens it again, and the host's subscriptions are repeated. Thread-safe.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports">Transports, 2025-11-25</a>
 */
public final class LegacySide {

    private static final Duration NOTICE = Duration.ofSeconds(10);
    private static final Duration HELLO = Duration.ofSeconds(60);
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    // A server may ask on the session's stream what a request needs, and some forget that where no stream is open yet.
    private static final Duration TO_LISTEN = Duration.ofMillis(500);
    private static final String INITIALIZED = "notifications/initialized";
    private static final List<String> LISTS = List.of("tools", "prompts", "resources");

    /**
     * A session of the server.
     *
     * @param id as its header has it; empty where the server keeps none
     * @param version the revision that was agreed on
     * @param listening the stream of what the server says unasked
     */
    private record Session(Optional<String> id, String version, InFlight listening) {

        Map<String, String> headers() {
            Map<String, String> headers = new LinkedHashMap<>();
            id.ifPresent(value -> headers.put(HeaderName.SESSION_ID, value));
            if (version.matches("[!-~]{1,64}")) {
                headers.put(HeaderName.PROTOCOL_VERSION, version);
            }
            return headers;
        }
    }

    private final Wire wire;
    private final Relay relay;
    private final Resumption answers;
    private final Optional<Executor> threads;
    private final Consumer<String> notices;
    private final AtomicLong ownIds = new AtomicLong();
    private final Subscriptions subscriptions = new Subscriptions();
    private volatile Message.@Nullable Request hello;
    private volatile String agreed = "";
    private volatile boolean isInitialized;
    private volatile @Nullable Session session;

    /**
     * No session yet.
     *
     * @param threads for the stream of what the server says unasked; without, none is opened
     */
    public LegacySide(Wire wire, Relay relay, Optional<Executor> threads, Consumer<String> notices) {
        this.wire = wire;
        this.relay = relay;
        this.answers = new Resumption(wire, relay);
        this.threads = threads;
        this.notices = notices;
    }

    /**
     * Has a request answered.
     *
     * @throws Outage when the server gives no answer
     */
    public void request(Message.Request request, InFlight exchange) {
        if (request.method().equals(Method.INITIALIZE.text())) {
            initialize(request, exchange);
            return;
        }
        Session used = current();
        Reply reply = post(used, request, exchange);
        if (isLost(used, reply)) {
            reply.discard();
            used = reopen(used);
            reply = post(used, request, exchange);
        }
        answers.read(headers(used), request, reply, exchange, response -> {
            if (!response.isError()) {
                subscriptions.answered(request);
            }
            return true;
        });
    }

    /** How long the answer to {@code initialize} may take. */
    public static InFlight hello() {
        return InFlight.within(HELLO);
    }

    private void initialize(Message.Request request, InFlight exchange) {
        close();
        subscriptions.clear();
        open(request, exchange, response -> {
            Session opened = session;
            if (opened != null) {
                hello = request;
                agreed = opened.version();
            }
            return true;
        });
    }

    /**
     * Opens a session with the words of a host.
     *
     * @param isPassed sees the answer after the session is in use
     */
    private void open(Message.Request words, InFlight exchange, Predicate<Message.Response> isPassed) {
        Reply reply = wire.post(Map.of(), words.text(), exchange);
        Optional<String> id = reply.header(HeaderName.SESSION_ID);
        if (id.isPresent() && !id.get().matches("[!-~]{1,4096}")) {
            reply.discard();
            throw Outage.unusable(wire.server(), "its session id is not visible ASCII");
        }
        Session opening = new Session(id, "", InFlight.unlimited());
        answers.read(opening.headers(), words, reply, exchange, response -> {
            if (!response.isError()) {
                session = new Session(
                        id, response.result().string("protocolVersion").orElse(""), InFlight.unlimited());
            }
            return isPassed.test(response);
        });
    }

    /** The revision of the session that the host has opened; empty before. */
    public String agreed() {
        return agreed;
    }

    /** Whether the host has opened a session. */
    public boolean isInUse() {
        return hello != null;
    }

    /** Passes on a notification or an answer of the host. */
    public void tell(Message message) {
        tell(message, NOTICE);
    }

    /** As the other, to a server that has so long to take it. */
    public void tell(Message message, Duration limit) {
        Session used = session;
        if (used == null && hello != null) {
            return; // its session is lost, and what it is about with it
        }
        try {
            Reply reply = wire.post(headers(used), message.text(), InFlight.within(limit));
            boolean isLost = isLost(used, reply);
            reply.discard();
            if (!reply.isSuccess() && !isLost) {
                notices.accept("the server did not take a notification or an answer (status " + reply.status() + ")");
            }
        } catch (Outage outage) {
            notices.accept("a notification or an answer is lost: " + outage.getMessage());
        }
        if (used != null
                && message instanceof Message.Notification told
                && told.method().equals(INITIALIZED)) {
            isInitialized = true;
            threads.ifPresent(free -> listen(used, free));
        }
    }

    private Reply post(@Nullable Session used, Message.Request request, InFlight exchange) {
        Map<String, String> headers = new LinkedHashMap<>(headers(used));
        headers.putAll(ObservedRequest.header(request));
        return wire.post(headers, request.text(), exchange);
    }

    private static Map<String, String> headers(@Nullable Session used) {
        return used == null ? Map.of() : used.headers();
    }

    /** The session in use; null while the host has opened none. */
    private @Nullable Session current() {
        Session used = session;
        return used == null && hello != null ? reopen(null) : used;
    }

    private static boolean isLost(@Nullable Session used, Reply reply) {
        return reply.status() == 404 && used != null && used.id().isPresent();
    }

    /**
     * Opens a session again, as the host opened the lost one.
     *
     * @param lost the session that the server does not know any more
     * @throws Outage when the server cannot be reached, or speaks another revision now
     */
    private synchronized Session reopen(@Nullable Session lost) {
        Session other = session;
        if (other != null && !other.equals(lost)) {
            return other;
        }
        Message.Request words = hello;
        if (words == null) {
            throw Outage.unusable(wire.server(), "it does not know the session; restart the host's connection");
        }
        if (lost != null) {
            lost.listening().abort();
        }
        session = null;
        Message.Response[] welcome = new Message.Response[1];
        open(ownRequest(words.method(), words.params()), hello(), response -> {
            welcome[0] = response;
            return false;
        });
        Session opened = session;
        if (opened == null) {
            throw Outage.unusable(wire.server(), "it refuses to open the session again; restart the host's connection");
        }
        if (!opened.version().equals(agreed)) {
            session = null;
            throw Outage.unusable(
                    wire.server(),
                    "it speaks the revision " + Printable.clean(opened.version()) + " now, and the host agreed on "
                            + agreed + "; restart the host's connection");
        }
        notices.accept("the server had lost the session, which is open again");
        restore(opened, welcome[0].result().object("capabilities"));
        return opened;
    }

    private void restore(Session opened, RawObject capabilities) {
        if (!isInitialized) {
            return;
        }
        tell(Message.parse(Message.notification(INITIALIZED, Optional.empty())));
        for (Message.Request request : subscriptions.requests()) {
            Message.Request own = ownRequest(request.method(), request.params());
            InFlight exchange = InFlight.within(NOTICE);
            answers.read(opened.headers(), own, post(opened, own, exchange), exchange, response -> false);
        }
        for (String list : LISTS) {
            if (capabilities.object(list).isTrue("listChanged")) {
                relay.host()
                        .accept(Message.parse(
                                Message.notification("notifications/" + list + "/list_changed", Optional.empty())));
            }
        }
    }

    private Message.Request ownRequest(String method, RawObject params) {
        return Message.request("mcp-mtls-" + ownIds.incrementAndGet(), method, Optional.of(params.text()));
    }

    /** Returns when the server has answered, or soon after. */
    private void listen(Session used, Executor free) {
        CountDownLatch answered = new CountDownLatch(1);
        free.execute(() -> listenTo(used, answered));
        try {
            var unused = answered.await(TO_LISTEN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The stream of what the server says unasked, taken up after the last event whenever it ends. */
    private void listenTo(Session used, CountDownLatch answered) {
        InFlight exchange = used.listening();
        Backoff backoff = new Backoff();
        Optional<String> lastId = Optional.empty();
        while (!exchange.isAborted()) {
            Map<String, String> headers = new LinkedHashMap<>(used.headers());
            lastId.ifPresent(id -> headers.put(HeaderName.LAST_EVENT_ID, id));
            EventStream stream = new EventStream(Wire.MAX_MESSAGE);
            try {
                Reply reply = got(headers, exchange, answered);
                if (!reply.isSuccess() || !reply.isStream()) {
                    reply.discard();
                    if (isLost(used, reply)) {
                        reopenQuietly(used, backoff);
                    }
                    return;
                }
                relay.passAll(reply, stream);
            } catch (Outage | IOException e) {
                // It is tried again.
            }
            if (stream.lastId().isPresent()) {
                lastId = stream.lastId();
                backoff.reset();
            }
            exchange.pause(stream.retry().orElseGet(backoff::next));
        }
    }

    private Reply got(Map<String, String> headers, InFlight exchange, CountDownLatch answered) {
        try {
            return wire.get(headers, exchange);
        } finally {
            answered.countDown();
        }
    }

    private void reopenQuietly(Session lost, Backoff backoff) {
        while (lost.equals(session)) {
            try {
                reopen(lost);
            } catch (Outage outage) {
                notices.accept("cannot open the session again: " + outage.getMessage());
                if (!outage.isUnreachable()) {
                    return;
                }
                lost.listening().pause(backoff.next());
            }
        }
    }

    /** Ends the session. */
    public void close() {
        Session used = session;
        session = null;
        hello = null;
        isInitialized = false;
        if (used == null) {
            return;
        }
        used.listening().abort();
        if (used.id().isPresent()) {
            try {
                wire.delete(used.headers(), InFlight.within(GOODBYE)).discard();
            } catch (Outage outage) {
                // It ends by itself.
            }
        }
    }
}
