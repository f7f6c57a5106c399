// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.tls.PublicTls;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.http.LimitedBody;
import java.net.CookieHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP exchanges with servers that a server named. Our certificate is presented where it is asked for; the answer is bounded in size and
 * time. Redirects are not followed and there is no {@link CookieHandler}. Blocks; thread-safe.
 */
public final class Web {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration EXCHANGE = Duration.ofSeconds(30);
    private static final int MAX_BYTES = 256 * 1024;

    private final TlsProfile tls;
    private final UrlRules rules;
    private final String server;
    private final Optional<Identity> expected;
    private final boolean isPublic;
    private final Duration limit;
    private @Nullable Credential presented;
    private Map<Boolean, HttpClient> clients = new HashMap<>();

    /**
     * An answer.
     *
     * @param headers by name, in any case
     */
    public record Answer(int status, Map<String, List<String>> headers, String body) {

        /** Whether it is what was asked for. */
        public boolean isSuccess() {
            return status >= 200 && status < 300;
        }
    }

    /**
     * Exchanges under these rules.
     *
     * @param server the MCP server, which the profile verifies
     * @param expected its identity where it is not the host in its URL
     * @param isPublic whether the JDK's certification authorities verify all others, instead of the profile
     */
    public Web(TlsProfile tls, UrlRules rules, URI server, Optional<Identity> expected, boolean isPublic) {
        this(tls, rules, server, expected, isPublic, EXCHANGE);
    }

    Web(TlsProfile tls, UrlRules rules, URI server, Optional<Identity> expected, boolean isPublic, Duration limit) {
        this.tls = tls;
        this.rules = rules;
        this.server = place(server);
        this.expected = expected;
        this.isPublic = isPublic;
        this.limit = limit;
    }

    /** The rules. */
    public UrlRules rules() {
        return rules;
    }

    /** The credential whose certificate the next exchange presents. */
    public Credential credential() {
        return tls.credential();
    }

    /** Asks for a JSON document. */
    public Answer get(String what, URI url) {
        return send(what, HttpRequest.newBuilder(rules.require(what, url)).header("Accept", "application/json"));
    }

    /** Sends a body. */
    public Answer post(String what, URI url, Map<String, List<String>> headers, String body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(rules.require(what, url)).POST(BodyPublishers.ofString(body));
        headers.forEach((name, values) -> values.forEach(value -> request.header(name, value)));
        return send(what, request);
    }

    private Answer send(String what, HttpRequest.Builder builder) {
        HttpRequest request = builder.timeout(limit).build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client(request.uri()).sendAsync(request, head -> new LimitedBody(MAX_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(
                    response.statusCode(),
                    response.headers().map(),
                    new String(response.body(), StandardCharsets.UTF_8));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw unreachable(what, request.uri(), Failures.reason(cause), cause);
        } catch (TimeoutException e) {
            throw unreachable(what, request.uri(), "no whole answer within " + limit.toSeconds() + " seconds", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(what, request.uri(), "it was interrupted", e);
        } finally {
            answer.cancel(true);
        }
    }

    /** A kept connection presents the certificate that it was made with: after ours changed there are other clients. */
    private synchronized HttpClient client(URI url) {
        Credential current = tls.credential();
        if (presented != current) {
            clients = new HashMap<>();
            presented = current;
        }
        return clients.computeIfAbsent(server.equals(place(url)), isServer -> {
            HttpClient.Builder client = HttpClient.newBuilder();
            boolean byProfile = isServer || !isPublic;
            return (byProfile
                            ? tls.secure(client, isServer ? expected : Optional.empty())
                            : PublicTls.under(client, current))
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(CONNECT)
                    .build();
        });
    }

    /** Host and port, however they are written. */
    private static String place(URI url) {
        return String.valueOf(url.getHost()).toLowerCase(Locale.ROOT) + ':' + (url.getPort() < 0 ? 443 : url.getPort());
    }

    private static NoTokenException unreachable(String what, URI url, String why, Throwable cause) {
        return new NoTokenException(
                Why.UNREACHABLE,
                "cannot reach " + what + " " + url + ": " + why,
                "check the address, and which trust anchor issued its certificate: a public authority needs"
                        + " oauth.trust: public",
                cause);
    }
}
