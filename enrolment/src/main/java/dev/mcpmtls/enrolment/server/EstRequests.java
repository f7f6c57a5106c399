// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment.server;

import dev.mcpmtls.enrolment.server.AttemptLimit.Admission;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From HTTP to operations and back: paths, methods, media types and bounds. Runs on event loops; operations run on workers. */
final class EstRequests {

    private static final Logger LOG = LoggerFactory.getLogger(EstRequests.class);
    private static final String EST = "/.well-known/est/";
    private static final int MOST_BYTES = 32 * 1024;
    private static final int MOST_CONNECTIONS = 512;
    private static final int MOST_OF_AN_ADDRESS = 64;
    private static final int MOST_OPERATIONS = 128;

    private final Vertx vertx;
    private final EstOperations operations;
    private final Duration deadline;
    private final AttemptLimit limit;
    private final Map<String, Supplier<Answer>> read;
    private final Map<String, Function<EstOperations.Read, Answer>> written;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<String, Integer> connections = new HashMap<>();
    private int open;

    EstRequests(Vertx vertx, EstOperations operations, Duration deadline, AttemptLimit limit) {
        this.vertx = vertx;
        this.operations = operations;
        this.deadline = deadline;
        this.limit = limit;
        this.read = Map.of(
                EST + "cacerts",
                operations::caCertificates,
                EST + "csrattrs",
                operations::attributes,
                "/crl.pem",
                operations::revocationLists);
        this.written = Map.of(EST + "simpleenroll", operations::enrol, EST + "simplereenroll", operations::reenrol);
    }

    /** Closes a connection that is one too many, and any after three deadlines, busy or not. */
    void connected(HttpConnection connection) {
        String network = network(connection.remoteAddress().hostAddress());
        if (!enter(network)) {
            var unused = connection.close();
            return;
        }
        long timer = vertx.setTimer(deadline.toMillis() * 3, expired -> connection.close());
        connection.closeHandler(closed -> {
            vertx.cancelTimer(timer);
            leave(network);
        });
    }

    private synchronized boolean enter(String network) {
        int own = connections.getOrDefault(network, 0);
        if (open >= MOST_CONNECTIONS || own >= MOST_OF_AN_ADDRESS) {
            return false;
        }
        open++;
        connections.put(network, own + 1);
        return true;
    }

    private synchronized void leave(String network) {
        open--;
        connections.computeIfPresent(network, (key, own) -> own > 1 ? own - 1 : null);
    }

    /** A request that is no HTTP. */
    void invalid(HttpServerRequest request) {
        finish(request, Answer.told(400, "this is no HTTP request that can be read"));
    }

    void handle(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        if (read.containsKey(path)) {
            if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
                finish(request, Answer.told(405, "ask with GET").with("Allow", "GET, HEAD"));
                return;
            }
            run(request, read.get(path));
        } else if (written.containsKey(path)) {
            post(request, written.get(path));
        } else {
            finish(request, Answer.told(404, "there is nothing here; EST is below " + EST));
        }
    }

    private void post(HttpServerRequest request, Function<EstOperations.Read, Answer> operation) {
        if (!request.method().equals(HttpMethod.POST)) {
            finish(request, Answer.told(405, "send the request with POST").with("Allow", "POST"));
            return;
        }
        String address = request.remoteAddress().hostAddress();
        String network = network(address);
        Admission admission = limit.admit(network);
        if (admission != Admission.ADMITTED) {
            tooMany(request, address, admission);
            return;
        }
        Optional<Answer> refusal = unreadable(request);
        if (refusal.isPresent()) {
            finish(request, refusal.get());
            return;
        }
        Buffer body = Buffer.buffer();
        long timer = vertx.setTimer(
                deadline.toMillis(), late -> finish(request, Answer.told(408, "the request did not arrive in time")));
        request.handler(part -> {
            if (body.length() + part.length() > MOST_BYTES) {
                vertx.cancelTimer(timer);
                request.handler(null);
                finish(request, tooLarge());
                return;
            }
            body.appendBuffer(part);
        });
        request.exceptionHandler(gone -> vertx.cancelTimer(timer));
        request.endHandler(end -> {
            boolean isInTime = vertx.cancelTimer(timer);
            if (isInTime && !request.response().ended()) {
                EstOperations.Read whole = new EstOperations.Read(
                        address,
                        Optional.ofNullable(request.getHeader("Authorization")),
                        presented(request.connection().sslSession()),
                        body);
                run(request, () -> {
                    Answer answer = operation.apply(whole);
                    if (answer.isRefusal()) {
                        limit.refused(network);
                    }
                    return answer;
                });
            }
        });
    }

    private void tooMany(HttpServerRequest request, String address, Admission admission) {
        String why = "too many refused attempts from this address; try again in a minute";
        Answer answer = Answer.told(429, why).with("Retry-After", "60");
        if (admission == Admission.TOO_MANY) {
            finish(request, answer);
            return;
        }
        run(request, () -> {
            EstOperations.Read none = new EstOperations.Read(address, Optional.empty(), List.of(), Buffer.buffer());
            operations.record(none, Optional.empty(), "TOO_MANY_ATTEMPTS", why);
            return answer;
        });
    }

    /** Judges the head; the Content-Transfer-Encoding is not looked at (RFC 8951, section 3). */
    private static Optional<Answer> unreadable(HttpServerRequest request) {
        String type = String.valueOf(request.getHeader("Content-Type"));
        if (!type.toLowerCase(Locale.ROOT).strip().matches("application/pkcs10\\s*(;.*)?")) {
            return Optional.of(Answer.told(415, "send the request as application/pkcs10"));
        }
        if (request.getHeader("Content-Encoding") != null) {
            return Optional.of(Answer.told(415, "send the request without a Content-Encoding"));
        }
        if (request.headers().getAll("Authorization").size() > 1) {
            return Optional.of(Answer.told(400, "send one Authorization header"));
        }
        String length = request.getHeader("Content-Length");
        boolean isTooLarge = length != null && (length.length() > 9 || Long.parseLong(length) > MOST_BYTES);
        return isTooLarge ? Optional.of(tooLarge()) : Optional.empty();
    }

    private static Answer tooLarge() {
        return Answer.told(413, "the request is larger than " + MOST_BYTES / 1024 + " KiB");
    }

    private static List<X509Certificate> presented(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return Arrays.stream(chain).map(X509Certificate.class::cast).toList();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
    }

    private void run(HttpServerRequest request, Supplier<Answer> operation) {
        if (inFlight.incrementAndGet() > MOST_OPERATIONS) {
            inFlight.decrementAndGet();
            finish(request, Answer.told(503, "the authority is busy; try again").with("Retry-After", "5"));
            return;
        }
        vertx.<Answer>executeBlocking(operation::get, false).onComplete(done -> {
            inFlight.decrementAndGet();
            if (done.failed()) {
                LOG.error("a request failed: {}", String.valueOf(done.cause()));
            }
            finish(request, done.succeeded() ? done.result() : Answer.told(503, "the authority cannot answer now"));
        });
    }

    /** Answers, and closes the connection unless all of the request was read. */
    private void finish(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        answer.headers().forEach(response::putHeader);
        response.setStatusCode(answer.status())
                .putHeader("Content-Type", answer.type())
                .putHeader("Cache-Control", "no-store");
        if (!request.isEnded()) {
            response.putHeader("Connection", "close");
        }
        Buffer body = answer.body();
        response.putHeader("Content-Length", String.valueOf(body.length()));
        boolean wasRead = request.isEnded();
        (request.method().equals(HttpMethod.HEAD) ? response.end() : response.end(body)).onComplete(sent -> {
            if (!wasRead) {
                var unused = request.connection().close();
            }
        });
    }

    /** The address, or for IPv6 its /64 network. */
    private static String network(String address) {
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return parsed instanceof Inet6Address ? HexFormat.of().formatHex(parsed.getAddress(), 0, 8) : address;
        } catch (UnknownHostException e) {
            return new InetSocketAddress(address, 0).getHostString();
        }
    }
}
