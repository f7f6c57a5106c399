// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

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

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    private static final int MAX_RESUMPTIONS = 20;

    // To a POST, where they have the transport of 2024-11-05 alone.
    private static final Set<Integer> OF_OLD_SERVERS = Set.of(400, 404, 405);

    private final HttpChannel channel;
    private final Request request;
    private boolean begun;
    private boolean over;
    private int resumptions;

    Exchange(HttpChannel channel, Request request) {
        this.channel = channel;
        this.request = request;
    }

    Object id() {
        return request.id();
    }

    Request request() {
        return request;
    }

    /** The request did not leave. */
    void unreachable() {
        fail(UpstreamFailure.unavailable("the server " + channel.name() + " cannot be reached"));
    }

    void failed(String why) {
        fail(UpstreamFailure.of("the server " + channel.name() + " " + why));
    }

    private void fail(UpstreamFailure failure) {
        if (!over) {
            over = true;
            channel.over(id());
            channel.receiver().failed(id(), failure);
        }
    }

    /** The response's head is there. */
    void answered(HttpClientResponse response) {
        String type = Optional.ofNullable(response.getHeader("content-type"))
                .map(text -> text.split(";", 2)[0].strip())
                .orElse("");
        Optional<String> session = Optional.ofNullable(response.getHeader(HeaderName.SESSION_ID));
        if (response.statusCode() == 404 && channel.hasSession()) {
            over = true;
            channel.receiver()
                    .failed(
                            id(),
                            UpstreamFailure.of("the server " + channel.name()
                                    + " has lost the session; it is opened again, try again"));
            channel.lost();
        } else if (response.statusCode() == 200 && type.equalsIgnoreCase("text/event-stream")) {
            events(response, session);
        } else {
            document(response, session);
        }
    }

    /** In the transport of 2024-11-05 the answer comes elsewhere. */
    void taken(HttpClientResponse response) {
        channel.over(id());
        if (response.statusCode() >= 300) {
            failed("answered HTTP " + response.statusCode());
        }
        var unused = response.end();
    }

    private void events(HttpClientResponse response, Optional<String> session) {
        Events events = new Events(channel.name());
        response.handler(buffer -> {
            try {
                events.feed(buffer.getBytes(), message -> received(message, session));
                begin(events);
            } catch (RuntimeException tooLarge) {
                failed("sent a message of more than " + Messages.MAX_BYTES + " bytes");
                channel.abandon(id());
            }
        });
        response.exceptionHandler(broken -> ended(events.lastId()));
        response.endHandler(end -> ended(events.lastId()));
    }

    /** A server that numbers events before it answers lets its client go meanwhile, so ours lets its own. */
    private void begin(Events events) {
        if (!begun && !over && events.lastId().isPresent()) {
            begun = true;
            channel.receiver().began(id());
        }
    }

    /** A stream that ends before the answer is taken up again where its server numbers events, unless it was abandoned. */
    private void ended(Optional<String> lastEventId) {
        if (over || !channel.awaits(id())) {
            over = true;
            channel.over(id());
        } else if (lastEventId.isPresent() && channel.hasSession() && ++resumptions <= MAX_RESUMPTIONS) {
            channel.resume(this, lastEventId.get());
        } else {
            failed("ended the stream; the call may have run");
        }
    }

    private void document(HttpClientResponse response, Optional<String> session) {
        Buffer body = Buffer.buffer();
        response.handler(buffer -> {
            body.appendBuffer(buffer);
            if (body.length() > Messages.MAX_BYTES) {
                failed("sent a message of more than " + Messages.MAX_BYTES + " bytes");
                channel.abandon(id());
            }
        });
        response.exceptionHandler(broken -> failed("did not send the whole answer; the call may have run"));
        response.endHandler(end -> {
            if (!over) {
                read(response.statusCode(), body.getBytes(), session);
            }
        });
    }

    private void read(int status, byte[] body, Optional<String> session) {
        try {
            String text = Json.text(body);
            if (status >= 400 && Messages.isError(text)) {
                // An error about a request that the server did not read may lack its id.
                text = JsonText.set(text, JsonText.scalar(id()), "id");
            }
            if (Messages.read(text) instanceof Response answer && isOurs(answer)) {
                received(answer, session);
                return;
            }
        } catch (InvalidMessageException notAMessage) {
            LOG.debug("the server {} answered something else than a message", channel.name(), notAMessage);
        }
        if (status >= 502 && status <= 504) {
            fail(UpstreamFailure.unavailable("the server " + channel.name() + " answered HTTP " + status));
            return;
        }
        String answered = "answered HTTP " + status + (status < 300 ? " without an answer to the request" : "");
        if (OF_OLD_SERVERS.contains(status) && request.method().equals(Method.INITIALIZE.text())) {
            channel.fallBack(this, answered);
            return;
        }
        failed(answered);
    }

    /** A number may be an {@link Integer} on one side and a {@link Long} on the other. */
    private boolean isOurs(Response response) {
        return response.id().toString().equals(id().toString());
    }

    private void received(JsonRpcMessage message, Optional<String> session) {
        if (over) {
            return;
        }
        if (message instanceof Response response && isOurs(response)) {
            over = true;
            channel.over(id());
            if (request.method().equals(Method.INITIALIZE.text())) {
                channel.opened(session, response);
            }
        }
        channel.receiver().received(message, id());
    }
}
