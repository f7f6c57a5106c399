// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request to a server and what comes on its response. On the event loop of its connection. */
final class Exchange {

    /** The session that it is in. */
    interface Session {

        /** The name of the server. */
        String name();

        Channel.Receiver receiver();

        /** Whether the server has given it an id. */
        boolean hasSession();

        /** Whether the answer to a request is still awaited. */
        boolean awaits(Object id);

        /** The request was answered, or will not be. */
        void over(Object id);

        /** Stops waiting for the answer to a request. */
        void abandon(Object id);

        /** The server has opened the session. */
        void opened(Optional<String> id, Response welcome);

        /** The server does not know the session any more. */
        void lost();

        /** Takes a stream up again after an event, for a request whose answer has not come. */
        void resume(Exchange exchange, String lastEventId);

        /**
         * Goes on with the transport of 2024-11-05, where the server has that.
         *
         * @param otherwise the server's reaction to the request that opens the session
         */
        void fallBack(Exchange exchange, String otherwise);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int MAX_RESUMPTIONS = 20;

    // To a POST, where they have the transport of 2024-11-05 alone.
    private static final Set<Integer> OF_OLD_SERVERS = Set.of(400, 404, 405);

    private final Session session;
    private final Request request;
    private boolean begun;
    private boolean over;
    private int resumptions;

    Exchange(Session session, Request request) {
        this.session = session;
        this.request = request;
    }

    Object id() {
        return request.id();
    }

    Request request() {
        return request;
    }

    /**
     * There is no answer.
     *
     * @param why says it, if it is an {@link UpstreamFailure}
     * @param otherwise in the words of {@link #failed}
     */
    void unanswered(Throwable why, String otherwise) {
        if (why instanceof UpstreamFailure known) {
            fail(known);
        } else {
            failed(otherwise);
        }
    }

    void failed(String why) {
        fail(UpstreamFailure.of("the server " + session.name() + " " + why));
    }

    private void fail(UpstreamFailure failure) {
        if (!over) {
            over = true;
            session.over(id());
            session.receiver().failed(id(), failure);
        }
    }

    /** The response's head is there. */
    void answered(HttpClientResponse response) {
        String type = Optional.ofNullable(response.getHeader("content-type"))
                .map(text -> text.split(";", 2)[0].strip())
                .orElse("");
        Optional<String> sessionId = Optional.ofNullable(response.getHeader(HeaderName.SESSION_ID));
        if (response.statusCode() == 404 && session.hasSession()) {
            over = true;
            session.receiver()
                    .failed(
                            id(),
                            UpstreamFailure.of("the server " + session.name()
                                    + " has lost the session; it is opened again, try again"));
            session.lost();
        } else if (response.statusCode() == 200 && type.equalsIgnoreCase("text/event-stream")) {
            events(response, sessionId);
        } else {
            document(response, sessionId);
        }
    }

    /** In the transport of 2024-11-05 the answer comes elsewhere. */
    void taken(HttpClientResponse response) {
        session.over(id());
        if (response.statusCode() >= 300) {
            failed("answered HTTP " + response.statusCode());
        }
        var unused = response.end();
    }

    private void events(HttpClientResponse response, Optional<String> sessionId) {
        Events events = new Events(session.name());
        response.handler(buffer -> {
            try {
                events.feed(buffer.getBytes(), message -> received(message, sessionId));
                begin(events);
            } catch (RuntimeException tooLarge) {
                failed("sent a message of more than " + Messages.MAX_BYTES + " bytes");
                session.abandon(id());
            }
        });
        response.exceptionHandler(broken -> ended(events.lastId()));
        response.endHandler(end -> ended(events.lastId()));
    }

    /** A server that numbers events before it answers lets its client go meanwhile, so ours lets its own. */
    private void begin(Events events) {
        if (!begun && !over && events.lastId().isPresent()) {
            begun = true;
            session.receiver().began(id());
        }
    }

    /** A stream that ends before the answer is taken up again where its server numbers events, unless it was abandoned. */
    private void ended(Optional<String> lastEventId) {
        if (over || !session.awaits(id())) {
            over = true;
            session.over(id());
        } else if (lastEventId.isPresent() && session.hasSession() && ++resumptions <= MAX_RESUMPTIONS) {
            session.resume(this, lastEventId.get());
        } else {
            failed("ended the stream; the call may have run");
        }
    }

    private void document(HttpClientResponse response, Optional<String> sessionId) {
        Buffer body = Buffer.buffer();
        response.handler(buffer -> {
            body.appendBuffer(buffer);
            if (body.length() > Messages.MAX_BYTES) {
                failed("sent a message of more than " + Messages.MAX_BYTES + " bytes");
                session.abandon(id());
            }
        });
        response.exceptionHandler(broken -> failed("did not send the whole answer; the call may have run"));
        response.endHandler(end -> {
            if (!over) {
                read(response.statusCode(), body.getBytes(), sessionId);
            }
        });
    }

    private void read(int status, byte[] body, Optional<String> sessionId) {
        try {
            String text = Json.text(body);
            if (status >= 400 && Messages.isError(text)) {
                // An error about a request that the server did not read may lack its id.
                text = JsonText.set(text, JsonText.scalar(id()), "id");
            }
            if (Messages.read(text) instanceof Response answer && isOurs(answer)) {
                received(answer, sessionId);
                return;
            }
        } catch (InvalidMessageException notAMessage) {
            LOG.debug("the server {} answered something else than a message", session.name(), notAMessage);
        }
        if (status >= 502 && status <= 504) {
            fail(UpstreamFailure.unavailable("the server " + session.name() + " answered HTTP " + status));
            return;
        }
        String answered = "answered HTTP " + status + (status < 300 ? " without an answer to the request" : "");
        if (OF_OLD_SERVERS.contains(status) && request.method().equals(Method.INITIALIZE.text())) {
            session.fallBack(this, answered);
            return;
        }
        failed(answered);
    }

    /** A number may be an {@link Integer} on one side and a {@link Long} on the other. */
    private boolean isOurs(Response response) {
        return response.id().toString().equals(id().toString());
    }

    private void received(JsonRpcMessage message, Optional<String> sessionId) {
        if (over) {
            return;
        }
        if (message instanceof Response response && isOurs(response)) {
            over = true;
            session.over(id());
            if (request.method().equals(Method.INITIALIZE.text())) {
                session.opened(sessionId, response);
            }
        }
        session.receiver().received(message, id());
    }
}
