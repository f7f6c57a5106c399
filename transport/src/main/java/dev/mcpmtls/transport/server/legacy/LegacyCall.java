// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.call.Announcer;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.Lists;
import dev.mcpmtls.transport.server.call.Results;
import dev.mcpmtls.transport.server.call.RunningCall;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A request in a legacy session. A client that goes away does not cancel it; {@code notifications/cancelled} does.
 */
final class LegacyCall extends RunningCall implements Session.Cancellable, Outlet {

    private final Backend backend;
    private final Lists lists;
    private final Json json;
    private final Session session;
    private final Caller caller;
    private final Observation observation;
    private final Request request;
    private final SessionStream stream;
    private final ListeningOutlet told;

    LegacyCall(
            Backend backend,
            Lists lists,
            Announcer announcer,
            Json json,
            Session session,
            IncomingRequest incoming,
            Request request) {
        this.backend = backend;
        this.lists = lists;
        this.json = json;
        this.session = session;
        this.caller = incoming.caller();
        this.observation = incoming.observation();
        this.request = request;
        this.stream = session.stream(incoming.reply());
        this.told = new ListeningOutlet(json, announcer, session, stream);
    }

    @Override
    public Object id() {
        return request.id();
    }

    @Override
    public Observation observation() {
        return observation;
    }

    /** The work to be done. */
    Mono<Void> work() {
        if (request.method().equals(Method.RESOURCES_SUBSCRIBE.text())) {
            session.subscribes(request.text("uri"));
        } else if (request.method().equals(Method.RESOURCES_UNSUBSCRIBE.text())) {
            session.unsubscribes(request.text("uri"));
        }
        return lists.request(session.backend(), caller, session.version(), request, this);
    }

    /** Stops the handler; the client gets no answer, as the specification requires. */
    @Override
    public synchronized void cancel() {
        observation.failed("cancelled");
        stream.close();
        super.cancel();
    }

    /** The handler failed in a way that the backend did not turn into an answer. */
    @Override
    public void failed(Throwable failure) {
        RefusedException answer = backend.refusal(request, failure);
        observation.error(answer.code());
        finish(answer.status(), answer.answer(json, id()));
    }

    /** Nothing of the handler is left: if it forgot to answer, that is an error. */
    @Override
    public void over() {
        session.end(this);
        if (!stream.isOver()) {
            observation.error(ErrorCode.INTERNAL_ERROR);
            finish(500, RefusedException.internalError().answer(json, id()));
        }
    }

    /** Sends the answer. Its id and slot are free before the client can know that, so that another request may have them at once. */
    private void finish(int status, byte[] answer) {
        session.end(this);
        answering();
        stream.finish(status, answer);
    }

    @Override
    public void streams() {
        stream.begin();
    }

    @Override
    public void result(Object members, Map<String, Object> meta) {
        finish(200, json.result(id(), members));
    }

    @Override
    public void error(Failure failure) {
        Failure shielded = Results.shielded(request.method(), failure);
        observation.error(shielded.code());
        finish(200, json.error(id(), shielded.code(), shielded.message(), shielded.data()));
    }

    @Override
    public void answer(Response response) {
        observation.answered(response.whole());
        finish(200, response.bytes());
    }

    @Override
    public void pass(JsonRpcMessage message) {
        told.pass(message);
    }

    @Override
    public void notification(String method, @Nullable Object params) {
        told.notification(method, params);
    }

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        return told.question(id, method, params);
    }
}
