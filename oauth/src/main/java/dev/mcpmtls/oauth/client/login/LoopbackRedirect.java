// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.login;

import dev.mcpmtls.oauth.client.login.LoopbackListener.Head;
import dev.mcpmtls.oauth.client.login.LoopbackListener.Reply;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
    private static final String DONE = "Thank you. You may close this window and go back to the program.";
    private static final String NOT_THIS = "This is not the answer that the program waits for.";

    private final LoopbackListener listener;
    private final CompletableFuture<Map<String, String>> answer = new CompletableFuture<>();
    private volatile String state = "";

    private LoopbackRedirect(int port) throws IOException {
        this.listener = new LoopbackListener(port, this::reply);
    }

    /**
     * Listens.
     *
     * @param port the one that was registered; 0 for any; another one if it is taken
     */
    public static LoopbackRedirect open(int port) {
        try {
            return new LoopbackRedirect(port);
        } catch (IOException e) {
            throw new NoTokenException(
                    Why.PERSON,
                    "cannot listen on 127.0.0.1 for the browser's way back: " + e.getMessage(),
                    "log in on a machine with a browser",
                    e);
        }
    }

    /** Its URL. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + listener.port() + PATH);
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

    private Reply reply(Head head) {
        Optional<Map<String, String>> response = response(head);
        return new Reply(
                response.isPresent() ? page("200 OK", DONE) : page("400 Bad Request", NOT_THIS),
                () -> response.ifPresent(answer::complete));
    }

    private Optional<Map<String, String>> response(Head head) {
        String[] target = head.target().split("\\?", 2);
        boolean isAsked = head.method().equals("GET")
                && target.length == 2
                && target[0].equals(PATH)
                && target[1].length() <= MAX_QUERY
                && head.hosts().equals(List.of(url().getRawAuthority()));
        return isAsked ? parameters(target[1]).filter(this::isExpected) : Optional.empty();
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

    private static String page(String status, String sentence) {
        String page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>mcp-mtls</title><p>" + sentence
                + "</p></html>";
        return String.join(
                "\r\n",
                "HTTP/1.1 " + status,
                "Content-Type: text/html; charset=utf-8",
                "Content-Length: " + page.length(),
                "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
                "Cache-Control: no-store",
                "Referrer-Policy: no-referrer",
                "X-Content-Type-Options: nosniff",
                "Connection: close",
                "",
                page);
    }

    @Override
    public void close() {
        listener.close();
    }
}
