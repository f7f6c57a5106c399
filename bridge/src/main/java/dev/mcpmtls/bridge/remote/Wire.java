// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.trust.Purpose;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 exchanges with one server over mutual TLS, each on a connection of its own while it lasts. Redirects are not followed and nothing
 * is sent twice. When the credential changes, or the server's certificate is no longer accepted, later exchanges begin with a new
 * handshake; those in flight finish on the old connections. Thread-safe.
 */
public final class Wire {

    /**
     * How long a server may take until it is given up.
     *
     * @param connect for the TCP connection
     * @param reach for that and the TLS handshake
     */
    public record Patience(Duration connect, Duration reach) {

        /** For a host, which shows nothing until it has its answer. */
        public static final Patience OF_A_HOST = new Patience(Duration.ofMillis(2_500), Duration.ofMillis(2_800));
    }

    /** The largest message in either direction, in bytes. */
    public static final int MAX_MESSAGE = 16 * 1024 * 1024;

    /** Idle connections are kept for no longer, see {@code Bridge}. */
    private static final long KEPT_NANOS = Duration.ofSeconds(30).toNanos();

    private final URI server;
    private final TlsProfile tls;
    private final ServerWatch watch;
    private final Patience patience;
    private final TokenSource tokens;
    private volatile HttpClient client;
    private volatile boolean hasHeard;
    private volatile long heardAt = System.nanoTime() - KEPT_NANOS;

    /**
     * Not connected yet.
     *
     * @param server the URL of its MCP endpoint
     * @param tls for the JDK's engine, with {@code watch} as its audit sink
     * @param tokens for this server, should it want any
     */
    public Wire(URI server, TlsProfile tls, ServerWatch watch, Patience patience, TokenSource tokens) {
        this.server = server;
        this.tls = tls;
        this.watch = watch;
        this.patience = patience;
        this.tokens = tokens;
        this.client = newClient();
        tls.credentials().onChange(this::retire);
    }

    private HttpClient newClient() {
        return tls.secure(HttpClient.newBuilder())
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .build();
    }

    private void retire() {
        hasHeard = false;
        client = newClient();
        heardAt = System.nanoTime() - KEPT_NANOS;
    }

    public URI server() {
        return server;
    }

    /** How messages travel, as far as it is known. */
    public dev.mcpmtls.protocol.observe.Wire facts() {
        return dev.mcpmtls.protocol.observe.Wire.http(
                "1.1",
                server.getHost(),
                server.getPort() < 0 ? 443 : server.getPort(),
                watch.last()
                        .map(handshake -> handshake.peer().identity().text())
                        .orElse(""));
    }

    /** Sends a message. */
    Reply post(Map<String, String> headers, String message, InFlight exchange) {
        return send(
                request(headers)
                        .header("Accept", "application/json, text/event-stream")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(message)),
                exchange);
    }

    /** Asks for a stream. */
    Reply get(Map<String, String> headers, InFlight exchange) {
        return send(request(headers).header("Accept", "text/event-stream").GET(), exchange);
    }

    /** Ends a session. */
    Reply delete(Map<String, String> headers, InFlight exchange) {
        return send(request(headers).DELETE(), exchange);
    }

    private HttpRequest.Builder request(Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server);
        headers.forEach(request::header);
        return request;
    }

    /**
     * The one place that every request passes. The server may refuse a request for its access token: then it had no effect, and is sent again
     * with another, a few times at most.
     */
    private Reply send(HttpRequest.Builder request, InFlight exchange) {
        Optional<Authorization> token = await(tokens::current, exchange);
        for (int answersLeft = TokenSource.MOST_ANSWERS; ; answersLeft--) {
            Reply reply = once(authorized(request, token), exchange);
            Optional<Challenge> challenge = answersLeft > 0 ? reply.challenge() : Optional.empty();
            if (challenge.isEmpty()) {
                return reply;
            }
            Optional<Authorization> refused = token;
            token = await(() -> tokens.answer(challenge.get(), refused), exchange);
            if (token.isEmpty()) {
                return reply;
            }
            reply.leave();
        }
    }

    private static HttpRequest authorized(HttpRequest.Builder request, Optional<Authorization> token) {
        HttpRequest plain = request.build();
        HttpRequest.Builder authorized = request.copy();
        token.ifPresent(ours -> ours.headers(plain.method()).forEach(authorized::setHeader));
        return authorized.build();
    }

    /** A token takes as long as a person takes to log in; the exchange can be aborted meanwhile. */
    private Optional<Authorization> await(Supplier<CompletionStage<Optional<Authorization>>> begun, InFlight exchange) {
        CompletableFuture<Optional<Authorization>> token = begun.get().toCompletableFuture();
        exchange.hold(() -> token.cancel(true));
        exchange.pause(true);
        try {
            return token.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw Outage.noToken(server, String.valueOf(cause.getMessage())).from(cause);
        } catch (CancellationException e) {
            throw Outage.noToken(server, "it was given up");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Outage.noToken(server, "it was interrupted");
        } finally {
            exchange.pause(false);
        }
    }

    private Reply once(HttpRequest request, InFlight exchange) {
        if (watch.last()
                .flatMap(handshake -> tls.verifier().recheck(handshake.peer()))
                .isPresent()) {
            retire();
        }
        long handshakes = watch.accepted();
        CompletableFuture<HttpResponse<InputStream>> answer = client.sendAsync(request, BodyHandlers.ofInputStream());
        exchange.hold(() -> answer.cancel(true));
        try {
            HttpResponse<InputStream> response = await(answer, handshakes, exchange.limit());
            heard();
            exchange.hold(response.body()::close);
            return new Reply(server, response, exchange, this::heard);
        } catch (ExecutionException e) {
            throw explained(e.getCause() == null ? e : e.getCause(), watch.accepted() > handshakes);
        } catch (CancellationException e) {
            throw Outage.cutOff(server, "it was given up");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Outage.cutOff(server, "it was interrupted");
        } finally {
            if (!answer.isDone()) {
                answer.cancel(true);
            }
        }
    }

    /**
     * Adds our own objections to our certificate: the alert of a server that refuses it says little, or is missing.
     *
     * @param isNew whether a handshake belongs to the exchange
     */
    private Outage explained(Throwable thrown, boolean isNew) {
        Outage outage = Outage.of(server, thrown, patience.connect());
        boolean isSilent = outage.isCutOff() && isNew && !hasHeard;
        if (!isSilent && !outage.isRefusedByPeer()) {
            return outage;
        }
        Optional<String> objection = tls.objections(Purpose.CLIENT).stream()
                .map(finding ->
                        finding.explain() + "; " + tls.credentials().current().remedy(finding.remedy()))
                .findFirst();
        return (isSilent ? Outage.silent(server).from(thrown) : outage).because(objection);
    }

    private HttpResponse<InputStream> await(
            CompletableFuture<HttpResponse<InputStream>> answer, long handshakes, Optional<Duration> limit)
            throws ExecutionException, InterruptedException {
        long start = System.nanoTime();
        @Nullable HttpResponse<InputStream> early = within(answer, patience.reach());
        if (early != null) {
            return early;
        }
        boolean isReached = watch.accepted() > handshakes || start - heardAt < KEPT_NANOS;
        if (!isReached) {
            throw Outage.notReached(
                    server,
                    "no TLS handshake within " + Outage.seconds(patience.reach())
                            + "; check that it is the right port, and the server's load");
        }
        if (limit.isEmpty()) {
            return answer.get();
        }
        @Nullable HttpResponse<InputStream> late = within(answer, limit.get().minus(patience.reach()));
        if (late == null) {
            throw Outage.late(
                    server,
                    "no answer within " + Outage.seconds(limit.get())
                            + "; if the server has just begun to start, try again; else look at its load");
        }
        return late;
    }

    private static @Nullable HttpResponse<InputStream> within(
            CompletableFuture<HttpResponse<InputStream>> answer, Duration time)
            throws ExecutionException, InterruptedException {
        try {
            return answer.get(Math.max(time.toMillis(), 1), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return null;
        }
    }

    private void heard() {
        hasHeard = true;
        heardAt = System.nanoTime();
    }
}
