// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.InvalidMessageException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one stream of a session over the HTTP+SSE transport of 2024-11-05, which brings everything that the server says. Its first event
 * names the address that takes messages. On the event loop of its connection.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2024-11-05/basic/transports">Transports, 2024-11-05</a>
 */
final class OldStream {

    private static final Logger LOG = LoggerFactory.getLogger(OldStream.class);
    private static final String ENDPOINT = "endpoint";
    private static final long TO_BEGIN_SECONDS = 10;

    private final String name;
    private final URI url;
    private final Channel.Receiver receiver;
    private final EventStream events = new EventStream(Messages.MAX_BYTES, Set.of(ENDPOINT, "message"));
    private final Promise<RequestOptions> endpoint = Promise.promise();

    /** @param name of the server */
    OldStream(String name, URI url, Channel.Receiver receiver) {
        this.name = name;
        this.url = url;
        this.receiver = receiver;
    }

    /**
     * Where messages go.
     *
     * @param answering the request for the stream, whose response goes to {@link #begun}
     * @return fails when the server has no such stream
     */
    Future<RequestOptions> endpoint(Future<HttpClientResponse> answering) {
        answering.onFailure(endpoint::tryFail);
        return endpoint.future().timeout(TO_BEGIN_SECONDS, TimeUnit.SECONDS);
    }

    /** The response's head is there. */
    void begun(HttpClientResponse response) {
        response.exceptionHandler(broken -> ended("broke its stream"));
        String type = String.valueOf(response.getHeader("content-type"));
        if (response.statusCode() != 200 || !type.startsWith("text/event-stream")) {
            endpoint.tryFail("it has no stream of events");
            var unused = response.request().reset();
            return;
        }
        response.handler(buffer -> {
            try {
                events.feed(buffer.getBytes()).forEach(this::told);
            } catch (EventStream.TooLargeException e) {
                ended("sent a message of more than " + Messages.MAX_BYTES + " bytes");
                var unused = response.request().reset();
            }
        });
        response.endHandler(end -> ended("ended its stream"));
    }

    private void told(EventStream.Event event) {
        if (event.type().equals(ENDPOINT)) {
            begin(event.data());
            return;
        }
        try {
            receiver.received(Messages.read(event.data()), null);
        } catch (InvalidMessageException e) {
            LOG.warn("the server {} sent an event that is no message, which is dropped: {}", name, e.message());
        }
    }

    /** Messages go with secrets and the caller's name, so to no other origin than the one that the operator named. */
    private void begin(String reference) {
        try {
            RequestOptions target = HttpTarget.of(url.resolve(reference));
            RequestOptions own = HttpTarget.of(url);
            if (target.getHost().equals(own.getHost())
                    && target.getPort().equals(own.getPort())
                    && target.isSsl().equals(own.isSsl())) {
                endpoint.tryComplete(target);
                return;
            }
        } catch (RuntimeException noUri) {
            LOG.debug("the endpoint of the server {} is no URI", name, noUri);
        }
        endpoint.tryFail("its endpoint is of another origin");
    }

    private void ended(String how) {
        if (!endpoint.tryFail(how) && endpoint.future().succeeded()) {
            receiver.ended(UpstreamFailure.of("the server " + name + " " + how), false);
        }
    }
}
