// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.transport.server.call.RecordBatches;
import dev.mcpmtls.transport.server.call.Records;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP around MCP: lets through what a conforming client sends and answers everything else with the right status and a
 * JSON-RPC error. Runs on event loops and never blocks.
 */
public final class HttpRequestHandler {

    // Parsing this much takes an event loop a millisecond at most; more is parsed elsewhere.
    private static final int INLINE_BYTES = 64 * 1024;

    private final Vertx vertx;
    private final RequestCheck check;
    private final Limits limits;
    private final Quota beingSent;
    private final Quota bytes;
    private final Json json;
    private final Records records;
    private final Endpoint endpoint;
    private final HttpDate date;
    private final @Nullable TokenCheck tokens;

    /** @param tokens null when tokens are ignored */
    public HttpRequestHandler(
            Vertx vertx,
            RequestCheck check,
            Limits limits,
            Json json,
            Records records,
            Endpoint endpoint,
            HttpDate date,
            @Nullable TokenCheck tokens) {
        this.vertx = vertx;
        this.check = check;
        this.limits = limits;
        this.beingSent = new Quota(limits.inFlight(), limits.inFlightPerIdentity());
        this.bytes = new Quota(limits.requestBytes(), limits.requestBytesPerIdentity());
        this.json = json;
        this.records = records;
        this.endpoint = endpoint;
        this.date = date;
        this.tokens = tokens;
    }

    public int requestsArriving() {
        return (int) beingSent.sum();
    }

    public long requestBytes() {
        return bytes.sum();
    }

    /** The paths that this answers for: MCP's, and that of the metadata for clients that need an access token. */
    List<String> paths() {
        return tokens == null ? List.of(check.path()) : List.of(check.path(), tokens.metadataPath());
    }

    /** Where decisions about its requests are recorded. */
    Records records() {
        return records;
    }

    /**
     * Answers a request of this connection.
     *
     * @param batches of the connection's event loop, over {@link #records()}
     */
    void handle(Connection connection, RecordBatches batches, HttpServerRequest request) {
        ResponseWriter reply = begin(connection, request);
        try {
            ReceivedRequest incoming = new ReceivedRequest(connection, batches, request.headers(), reply);
            if (tokens != null && tokens.metadataPath().equals(request.path())) {
                check.checkDocument(request);
                byte[] metadata = tokens.metadata();
                whenRecorded(incoming, null, () -> reply.answer(200, null, metadata));
                return;
            }
            check.check(request);
            if (request.method().equals(HttpMethod.POST)) {
                post(request, incoming);
            } else {
                boolean get = request.method().equals(HttpMethod.GET);
                whenChecked(incoming, null, get ? endpoint::get : endpoint::delete);
            }
        } catch (RuntimeException e) {
            refuseAndClose(connection, reply, request, RefusedException.of(e));
        }
    }

    /** Answers a request that is not HTTP. */
    void handleInvalid(Connection connection, HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        RefusedException refused = RefusedException.invalidRequest("this is not a well-formed HTTP request");
        if (cause instanceof TooLongHttpLineException) {
            refused = new RefusedException(414, ErrorCode.INVALID_REQUEST, "the request line is too long");
        } else if (cause instanceof TooLongHttpHeaderException) {
            refused = new RefusedException(
                    431, ErrorCode.INVALID_REQUEST, "the headers exceed " + limits.maxHeaders() + " bytes");
        }
        refuseAndClose(connection, begin(connection, request), request, refused);
    }

    private ResponseWriter begin(Connection connection, HttpServerRequest request) {
        request.response().putHeader(HttpHeaders.DATE, date.now());
        ResponseWriter reply = new ResponseWriter(request, connection, vertx.getOrCreateContext(), limits, json);
        connection.begin(reply);
        if (connection.isEnding()) {
            reply.header("connection", "close");
            reply.whenDone(() -> request.connection().close());
        }
        return reply;
    }

    /** Refuses a request, and ends what it may still be sending. */
    private static void refuseAndClose(
            Connection connection, ResponseWriter reply, HttpServerRequest request, RefusedException refused) {
        boolean http2 = request.version() == HttpVersion.HTTP_2;
        if (!http2) {
            reply.header("connection", "close");
            connection.endWithThisAnswer();
        }
        reply.refuse(null, refused);
        reply.whenDone(() -> {
            if (http2) {
                if (!request.isEnded()) {
                    request.response().reset(0);
                }
            } else if (refused.status() == RefusedException.TOO_MANY) {
                // A client with too much in flight would only come back with one more handshake: the next sweeps
                // will close the connection.
                request.pause();
            } else {
                request.connection().close();
            }
        });
    }

    private void post(HttpServerRequest request, ReceivedRequest incoming) {
        Body.read(incoming.connection(), request, limits, new Body.Reader() {

            private int held;

            @Override
            public void begins() {
                beingSent.require(incoming.owner(), "requests being sent");
                // The request, in whatever form, stays in memory until its answer has left.
                incoming.reply().whenDone(() -> bytes.give(incoming.owner(), held));
            }

            @Override
            public void grows(int more) {
                bytes.require(incoming.owner(), more, "bytes of requests to answer");
                held += more;
            }

            @Override
            public void ends() {
                beingSent.give(incoming.owner());
            }

            @Override
            public void whole(byte[] body) {
                dispatch(incoming, body);
            }

            @Override
            public void refused(RefusedException refused) {
                refuseAndClose(incoming.connection(), incoming.reply(), request, refused);
            }
        });
    }

    private void dispatch(ReceivedRequest incoming, byte[] body) {
        if (body.length <= INLINE_BYTES) {
            parse(incoming, body);
            return;
        }
        vertx.executeBlocking(
                        () -> {
                            parse(incoming, body);
                            return body.length;
                        },
                        false)
                .onFailure(failure -> incoming.reply().refuse(null, RefusedException.of(failure)));
    }

    private void parse(ReceivedRequest incoming, byte[] body) {
        String text;
        Map<String, Object> object;
        try {
            text = Json.text(body);
            object = json.read(text);
        } catch (RuntimeException e) {
            incoming.reply().refuse(null, RefusedException.of(e));
            return;
        }
        Object id = Json.requestId(object);
        incoming.reply().answers(id);
        whenChecked(incoming, id, checked -> endpoint.post(checked, Json.message(text, object)));
    }

    /** Runs the action once the peer's acceptance is in the audit log and the request's access token is verified, where tokens are taken. */
    private void whenChecked(ReceivedRequest incoming, @Nullable Object id, Consumer<ReceivedRequest> action) {
        whenRecorded(incoming, id, () -> {
            if (tokens == null) {
                action.accept(incoming);
            } else {
                tokens.check(incoming, id, action);
            }
        });
    }

    /** Runs the action once the peer's acceptance is in the audit log; nothing but a refusal is answered before. */
    private void whenRecorded(ReceivedRequest incoming, @Nullable Object id, Runnable action) {
        records.recorded(incoming.connection().recorded()).whenComplete((recorded, failure) -> {
            try {
                if (failure != null) {
                    // The missing record cannot be written later, so the client has to connect again.
                    incoming.reply().whenDone(incoming.connection()::abort);
                    throw RefusedException.of(failure);
                }
                action.run();
            } catch (RuntimeException e) {
                incoming.reply().refuse(id, RefusedException.of(e));
            }
        });
    }
}
