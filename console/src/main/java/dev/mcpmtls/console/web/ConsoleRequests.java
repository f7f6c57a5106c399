// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import dev.mcpmtls.console.events.LiveEvents;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.view.BadQuestionException;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page below {@code /console/} and its API below {@code /console/api/}: {@code GET} and {@code HEAD} only. The caller has checked the
 * request's {@code Host}. Runs on event loops; answers are made on two workers.
 */
public final class ConsoleRequests {

    /** The path of the page. */
    public static final String PATH = "/console/";

    private static final Logger LOG = LoggerFactory.getLogger(ConsoleRequests.class);
    private static final String API = PATH + "api/";
    private static final int WORKERS = 2;
    private static final int MOST_IN_PROGRESS = 16;

    private final Admission admission;
    private final Optional<LiveEvents> live;
    private final Api api;
    private final PageFiles files = new PageFiles();
    private final AtomicInteger inProgress = new AtomicInteger();
    private @Nullable WorkerExecutor workers;

    /**
     * The page of a process.
     *
     * @param live shared by all its listeners; empty when no audit log is kept
     */
    public ConsoleRequests(Sources sources, Optional<LiveEvents> live, Admission admission) {
        this.admission = admission;
        this.live = live;
        this.api = new Api(sources, () -> live.map(LiveEvents::viewers).orElse(0));
    }

    private static boolean isFor(String path) {
        return path.equals("/") || path.equals("/console") || path.startsWith(PATH);
    }

    /** An event of the audit log as one line of JSON, every text in it cleaned. */
    public static String encode(Map<String, Object> event) {
        return Json.encode(event);
    }

    /** Answers a request for the page or its API; whether it was one. */
    public boolean answers(HttpServerRequest request) {
        boolean isOurs = isFor(String.valueOf(request.path()));
        if (isOurs) {
            handle(request);
        }
        return isOurs;
    }

    private void handle(HttpServerRequest request) {
        Headers.secure(request.response());
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            send(
                    request,
                    Answer.error(
                            405,
                            Map.of("allow", "GET, HEAD"),
                            "METHOD_NOT_ALLOWED",
                            "the console changes nothing, so it takes GET and HEAD only",
                            "",
                            List.of()));
            return;
        }
        String path = String.valueOf(request.path());
        if (path.equals("/") || path.equals("/console")) {
            send(request, new Answer(302, Map.of("location", PATH, "cache-control", "no-store"), Buffer.buffer()));
        } else if (path.startsWith(API)) {
            api(request, path.substring(API.length()));
        } else {
            String name = path.substring(PATH.length());
            send(
                    request,
                    files.answer(name.isEmpty() ? "index.html" : name, request).orElseGet(Api::notFound));
        }
    }

    private void api(HttpServerRequest request, String endpoint) {
        if (Headers.isCrossOrigin(request)) {
            send(request, Answer.error(403, "CROSS_ORIGIN", "the request is of a page of another origin", ""));
            return;
        }
        Optional<Admission.Refusal> refusal = admission.refusal(request);
        if (refusal.isPresent()) {
            Admission.Refusal why = refusal.get();
            Map<String, String> headers = why.status() == 401 ? Map.of("www-authenticate", "Bearer") : Map.of();
            send(request, Answer.error(why.status(), headers, why.code(), why.message(), why.remedy(), List.of()));
            return;
        }
        Optional<MultiMap> parameters = parameters(request);
        if (parameters.isEmpty()) {
            send(request, Api.bad(Parameters.bad("query", "it is malformed", "encode it as UTF-8 and percent signs")));
        } else if (endpoint.equals("stream")) {
            stream(request, parameters.get());
        } else {
            inBackground(request, endpoint, parameters.get());
        }
    }

    private static Optional<MultiMap> parameters(HttpServerRequest request) {
        try {
            return Optional.of(request.params());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void stream(HttpServerRequest request, MultiMap parameters) {
        if (live.isEmpty()) {
            send(request, Api.AUDIT_OFF);
            return;
        }
        try {
            Api.StreamQuery query = api.stream(parameters);
            if (request.method().equals(HttpMethod.HEAD)) {
                var unused = request.response()
                        .putHeader("content-type", "text/event-stream")
                        .end();
            } else if (!EventStream.open(request, query, live.get(), context(), EventStream.Times.USUAL)) {
                send(
                        request,
                        Answer.busy(
                                "TOO_MANY_VIEWERS",
                                LiveEvents.MOST_VIEWERS + " streams are open, and no more are served",
                                "close a page, or try again later"));
            }
        } catch (BadQuestionException e) {
            send(request, Api.bad(e));
        }
    }

    private void inBackground(HttpServerRequest request, String endpoint, MultiMap parameters) {
        if (inProgress.incrementAndGet() > MOST_IN_PROGRESS) {
            inProgress.decrementAndGet();
            send(request, Answer.busy("BUSY", "too many requests are in progress", "try again"));
            return;
        }
        workers().executeBlocking(() -> api.answer(endpoint, parameters), false).onComplete(done -> {
            inProgress.decrementAndGet();
            if (done.failed()) {
                LOG.warn("cannot answer {}{}", API, endpoint, done.cause());
            }
            send(
                    request,
                    done.succeeded()
                            ? done.result()
                            : Answer.error(500, "FAILED", "the console failed", "see the log of the process"));
        });
    }

    private static Context context() {
        return Objects.requireNonNull(Vertx.currentContext(), "on an event loop only");
    }

    /** The workers of this listener's Vert.x, which ends them with itself. */
    private synchronized WorkerExecutor workers() {
        WorkerExecutor known = workers;
        if (known == null) {
            known = context().owner().createSharedWorkerExecutor("console", WORKERS);
            workers = known;
        }
        return known;
    }

    private static void send(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        if (request.method().equals(HttpMethod.HEAD) || answer.status() == 304) {
            var unused = response.putHeader(
                            "content-length", Integer.toString(answer.body().length()))
                    .end();
        } else {
            var unused = response.end(answer.body());
        }
    }
}
