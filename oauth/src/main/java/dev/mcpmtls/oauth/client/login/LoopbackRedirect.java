// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.login;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The address on this machine that the browser is sent back to (RFC 8252 section 7.3): on 127.0.0.1 alone, for as long as one login
 * takes. Requests without the login's state change nothing. The page is fixed: nothing of a request is in it.
 */
public final class LoopbackRedirect implements AutoCloseable {

    private static final String PATH = "/callback";
    private static final int MAX_QUERY = 16 * 1024;
    private static final int MAX_PARAMETERS = 32;
    private static final int MAX_THREADS = 16;
    private static final String DONE = "Thank you. You may close this window and go back to the program.";
    private static final String NOT_THIS = "This is not the answer that the program waits for.";

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final CompletableFuture<Map<String, String>> answer = new CompletableFuture<>();
    private volatile String state = "";

    private LoopbackRedirect(HttpServer server) {
        this.server = server;
        this.threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_THREADS),
                task -> {
                    Thread thread = new Thread(task, "oauth-redirect");
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /**
     * Listens.
     *
     * @param port the one that was registered; 0 for any; another one if it is taken
     */
    public static LoopbackRedirect open(int port) {
        try {
            return new LoopbackRedirect(listening(port));
        } catch (IOException e) {
            throw new NoTokenException(
                    Why.PERSON,
                    "cannot listen on 127.0.0.1 for the browser's way back: " + e.getMessage(),
                    "log in on a machine with a browser",
                    e);
        }
    }

    private static HttpServer listening(int port) throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try {
            return HttpServer.create(new InetSocketAddress(loopback, port), 0);
        } catch (java.net.BindException e) {
            return HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        }
    }

    /** Its URL. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + PATH);
    }

    /**
     * Waits for the response to the authorization request.
     *
     * @return its parameters
     * @throws NoTokenException when it does not come in time
     */
    Map<String, String> await(Duration limit) {
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new NoTokenException(
                    Why.PERSON,
                    "no login within " + limit.toMinutes() + " minutes",
                    "try again, and open the printed URL in a browser on this machine");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoTokenException(Why.PERSON, "the login was interrupted", "try again");
        }
    }

    /** Accepts the response to the authorization request with this state from now on. */
    void expect(String expected) {
        state = expected;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Optional<Map<String, String>> response = response(exchange);
            response.ifPresent(answer::complete);
            page(exchange, response.isPresent() ? 200 : 400, response.isPresent() ? DONE : NOT_THIS);
        }
    }

    private Optional<Map<String, String>> response(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        boolean isAsked = exchange.getRequestMethod().equals("GET")
                && exchange.getRequestURI().getRawPath().equals(PATH)
                && url().getRawAuthority().equals(exchange.getRequestHeaders().getFirst("Host"))
                && query != null
                && query.length() <= MAX_QUERY;
        return isAsked ? parameters(query).filter(this::isExpected) : Optional.empty();
    }

    private boolean isExpected(Map<String, String> parameters) {
        byte[] expected = state.getBytes(StandardCharsets.UTF_8);
        byte[] given = parameters.getOrDefault("state", "").getBytes(StandardCharsets.UTF_8);
        return expected.length > 0 && MessageDigest.isEqual(expected, given);
    }

    /** Each at most once (RFC 6749 section 3.1). */
    private static Optional<Map<String, String>> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        try {
            for (String pair : query.split("&", MAX_PARAMETERS)) {
                String[] sides = pair.split("=", 2);
                String value = sides.length == 1 ? "" : URLDecoder.decode(sides[1], StandardCharsets.UTF_8);
                if (parameters.put(URLDecoder.decode(sides[0], StandardCharsets.UTF_8), value) != null) {
                    return Optional.empty();
                }
            }
            return Optional.of(parameters);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void page(HttpExchange exchange, int status, String sentence) throws IOException {
        byte[] page = ("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>mcp-mtls</title><p>" + sentence
                        + "</p></html>")
                .getBytes(StandardCharsets.UTF_8);
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "text/html; charset=utf-8");
        headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        headers.set("Cache-Control", "no-store");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Connection", "close");
        exchange.sendResponseHeaders(status, page.length);
        exchange.getResponseBody().write(page);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
