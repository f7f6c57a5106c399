// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.LogLevel;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.Audience;
import dev.mcpmtls.transport.server.call.HandlerRun;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.Lists;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** MCP 2025-03-26, 2025-06-18 and 2025-11-25 over HTTP: sessions that begin with {@code initialize}. */
public final class LegacyEra {

    // A session keeps what its client says of itself; all other requests are forgotten with their answers.
    private static final int MAX_HELLO = 128 * 1024;

    private final Backend backend;
    private final RequestDispatcher dispatcher;
    private final SessionStore sessions;
    private final Lists lists;
    private final Announcer announcer;
    private final Quota streams;
    private final Json json;
    private final ExecutorService workers;
    private final @Nullable SessionTokens tokens;
    // Apart from requests in progress, which may be waiting for these very answers.
    private final Quota answers;

    public LegacyEra(
            Backend backend,
            RequestDispatcher dispatcher,
            SessionStore sessions,
            Lists lists,
            Announcer announcer,
            Quota streams,
            Limits limits,
            Json json,
            ExecutorService workers,
            @Nullable SessionTokens tokens) {
        this.backend = backend;
        this.dispatcher = dispatcher;
        this.sessions = sessions;
        this.lists = lists;
        this.announcer = announcer;
        this.streams = streams;
        this.json = json;
        this.workers = workers;
        this.tokens = tokens;
        this.answers = new Quota(limits.inFlight(), limits.inFlightPerIdentity());
    }

    /** A POST. */
    public void handle(IncomingRequest incoming, JsonRpcMessage message) {
        if (message instanceof Request request && request.method().equals(Method.INITIALIZE.text())) {
            initialize(incoming, request);
            return;
        }
        Object id = message instanceof Request request ? request.id() : null;
        if (resumes(incoming, id, () -> handle(incoming, message))) {
            return;
        }
        Session session = session(incoming, id);
        if (session == null) {
            return;
        }
        if (message instanceof Request request) {
            call(incoming, session, request);
        } else if (message instanceof Notification notification) {
            notice(incoming, session, notification);
        } else if (message instanceof Response response) {
            answer(incoming, session, response);
        }
    }

    /** A GET: the stream for what the server says of its own accord, or the rest of one that was lost. */
    public void listen(IncomingRequest incoming) {
        if (resumes(incoming, null, () -> listen(incoming))) {
            return;
        }
        Session session = session(incoming, null);
        if (session == null) {
            return;
        }
        String lastEventId = incoming.header(HeaderName.LAST_EVENT_ID);
        streams.require(incoming.owner(), "event streams");
        incoming.reply().whenDone(() -> streams.give(incoming.owner()));
        incoming.endsWithToken();
        if (lastEventId == null) {
            SessionStream stream = session.listen(incoming.reply());
            announcer.begin(session);
            session.backend().listen(new ListeningOutlet(json, announcer, session, stream));
        } else {
            session.resume(lastEventId, incoming.reply());
        }
    }

    /** A DELETE: ends the session. */
    public void delete(IncomingRequest incoming) {
        if (resumes(incoming, null, () -> delete(incoming))) {
            return;
        }
        Session session = session(incoming, null);
        if (session != null) {
            sessions.close(session);
            incoming.reply().empty(204);
        }
    }

    /** Says something to every session. */
    public Mono<Void> tellAll(String method, @Nullable Object params) {
        return Mono.fromRunnable(() -> {
            byte[] message = json.notification(method, params);
            sessions.all().forEach(session -> announcer.pass(session, method, params, () -> session.tell(message)));
        });
    }

    /** Says something to one session; nothing happens when there is none of that id. */
    public Mono<Void> tell(String sessionId, String method, Object params) {
        return Mono.fromRunnable(() -> {
            Session session = sessions.get(sessionId);
            if (session != null) {
                announcer.pass(session, method, params, () -> session.tell(json.notification(method, params)));
            }
        });
    }

    /** The sessions whose clients listen. */
    public Collection<? extends Audience> audience() {
        return sessions.all().stream().filter(Session::isListening).toList();
    }

    /** Ends the streams that no request waits for. */
    public void endStreams() {
        sessions.all().forEach(Session::stopListening);
    }

    /** Ends every session here. */
    public void close() {
        sessions.all().forEach(sessions::release);
    }

    /** The session that the request names; null when it has been refused. */
    private @Nullable Session session(IncomingRequest incoming, @Nullable Object id) {
        String sessionId = incoming.header(HeaderName.SESSION_ID);
        if (sessionId == null) {
            throw RefusedException.invalidRequest("the header Mcp-Session-Id is missing; initialize a session first");
        }
        incoming.observation().inSession(sessionId);
        Session session = find(incoming, sessionId);
        if (session == null) {
            sessions.refuseUnknown(incoming.caller(), sessionId).exceptionally(refused -> {
                RequestDispatcher.refuse(incoming, id, refused);
                return null;
            });
        }
        return session;
    }

    private @Nullable Session find(IncomingRequest incoming, String presented) {
        if (tokens == null) {
            return sessions.find(incoming, presented);
        }
        return tokens.open(incoming.owner(), presented)
                .map(content -> sessions.find(incoming, content.id()))
                .orElse(null);
    }

    /**
     * Goes on with a session that another process opened, if the request names one; then the request is handled again.
     *
     * @return whether it does
     */
    private boolean resumes(IncomingRequest incoming, @Nullable Object id, Runnable again) {
        String presented = incoming.header(HeaderName.SESSION_ID);
        SessionTokens.Content content = tokens == null || presented == null
                ? null
                : tokens.open(incoming.owner(), presented).orElse(null);
        if (content == null || content.resumption() == null || sessions.find(incoming, content.id()) != null) {
            return false;
        }
        BackendSession resumed = backend.resume(
                        incoming.caller(), content.id(), content.version(), content.resumption())
                .orElse(null);
        if (resumed == null) {
            return false;
        }
        sessions.reserve(incoming, content.id())
                .whenComplete((reserved, failure) -> incoming.reply().onLoop(() -> {
                    if (failure != null) {
                        resumed.release();
                        RequestDispatcher.refuse(incoming, id, failure);
                        return;
                    }
                    if (!sessions.openIfAbsent(resumed, incoming, content.version(), json)) {
                        // Another request of the session was first.
                        sessions.release(incoming.owner());
                        resumed.release();
                    }
                    try {
                        again.run();
                    } catch (RuntimeException e) {
                        RequestDispatcher.refuse(incoming, id, e);
                    }
                }));
        return true;
    }

    private void initialize(IncomingRequest incoming, Request request) {
        if (incoming.header(HeaderName.SESSION_ID) != null) {
            throw RefusedException.invalidRequest(
                    "a session is initialized only once, and its id is the server's to choose");
        }
        if (request.text("protocolVersion").isEmpty()) {
            throw RefusedException.invalidParams("initialize needs the string parameter 'protocolVersion'");
        }
        if (String.valueOf(request.text()).length() > MAX_HELLO) {
            throw RefusedException.invalidParams("initialize has more than " + MAX_HELLO + " characters");
        }
        BackendSession opened = backend.open(new Opening(incoming.caller(), request.params(), request));
        sessions.reserve(incoming, opened.id()).whenComplete((reserved, failure) -> {
            if (failure != null) {
                opened.close();
                RequestDispatcher.refuse(incoming, request.id(), failure);
            } else {
                welcome(incoming, request, opened);
            }
        });
    }

    private void welcome(IncomingRequest incoming, Request request, BackendSession opened) {
        opened.welcome()
                .subscribe(
                        welcome -> {
                            Session session = sessions.open(opened, incoming, welcome.revision(), json);
                            String name = tokens == null
                                    ? session.id()
                                    : tokens.seal(
                                            incoming.owner(),
                                            new SessionTokens.Content(
                                                    session.id(), welcome.revision(), opened.resumption()));
                            incoming.observation().speaks(welcome.revision());
                            incoming.observation().inSession(name);
                            incoming.reply().header(HeaderName.SESSION_ID, name);
                            incoming.reply().answer(200, null, answer(request, welcome.result()));
                        },
                        failure -> {
                            opened.close();
                            sessions.release(incoming.owner());
                            RequestDispatcher.refuse(incoming, request.id(), failure);
                        });
    }

    private byte[] answer(Request request, Object welcome) {
        return welcome instanceof Response whole
                ? announced(whole).bytes()
                : json.result(request.id(), announced(welcome));
    }

    private Response announced(Response welcome) {
        Map<String, Object> declared = JsonRpcMessage.object(
                JsonRpcMessage.object(welcome.whole().get("result")).get("capabilities"));
        Map<String, Object> announced = announcer.announcing(declared);
        return announced.equals(declared)
                ? welcome
                : welcome.with(Json.text(json.write(announced)), "result", "capabilities");
    }

    private Object announced(Object welcome) {
        Map<String, Object> result = json.asObject(welcome);
        result.computeIfPresent(
                "capabilities", (name, declared) -> announcer.announcing(JsonRpcMessage.object(declared)));
        return result;
    }

    private void call(IncomingRequest incoming, Session session, Request request) {
        if (request.method().equals(Method.SET_LEVEL.text())) {
            LogLevel.of(request.params().get("level"));
        }
        LegacyCall call = new LegacyCall(backend, lists, announcer, json, session, incoming, request);
        if (!session.begin(call)) {
            incoming.reply()
                    .refuse(
                            request.id(),
                            RefusedException.invalidRequest("a request with that id is still being worked on"));
            call.cancel();
            return;
        }
        dispatcher.serve(incoming, session.version(), request, call::work, call);
    }

    private void notice(IncomingRequest incoming, Session session, Notification notification) {
        incoming.observation().speaks(session.version());
        if (notification.method().equals("notifications/cancelled")) {
            session.backend().cancelled(notification);
            session.cancel(notification.params().get("requestId"));
            incoming.reply().accepted();
            return;
        }
        // Any other could be an undecided call, at a server that answers requests without an id.
        if (notification.method().startsWith("notifications/")) {
            dispatcher.run(
                    incoming,
                    () -> session.backend().notification(incoming.caller(), notification),
                    new TakenMessage(incoming, () -> {}));
        } else {
            incoming.reply().accepted();
        }
    }

    private void answer(IncomingRequest incoming, Session session, Response response) {
        Mono<Void> accepted = session.backend().answer(incoming.caller(), response);
        answers.require(incoming.owner(), "answers in flight");
        // On a worker: whatever the handler does with the answer goes on in this thread.
        HandlerRun.start(workers, () -> accepted, new TakenMessage(incoming, () -> answers.give(incoming.owner())));
    }
}
