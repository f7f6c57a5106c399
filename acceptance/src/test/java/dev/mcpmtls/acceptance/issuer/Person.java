// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ada} with a browser, which keeps cookies and shows no certificate. */
public final class Person {

    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]*)\"");

    private final HttpClient browser;

    /** @param anchor of the authorization server's certificate */
    public Person(X509Certificate anchor) {
        browser = HttpClient.newBuilder()
                .sslContext(OauthClient.tls(null, anchor))
                .cookieHandler(new CookieManager())
                .build();
    }

    /**
     * Opens the address of an authorization request and logs in.
     *
     * @return where the authorization server sends the browser in the end, with the code; it does not go there
     */
    public URI logIn(URI authorization) {
        URI form = location(get(authorization), authorization);
        Matcher csrf = CSRF.matcher(get(form).body());
        if (!csrf.find()) {
            throw new AssertionError("no login form at " + form);
        }
        Map<String, String> fields = Map.of("username", "ada", "password", "lovelace", "_csrf", csrf.group(1));
        HttpResponse<String> loggedIn = send(HttpRequest.newBuilder(form)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(OauthClient.form(fields))));
        URI again = location(loggedIn, form);
        return location(get(again), again);
    }

    private HttpResponse<String> get(URI uri) {
        return send(HttpRequest.newBuilder(uri).header("Accept", "text/html"));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return browser.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static URI location(HttpResponse<String> answer, URI base) {
        return base.resolve(answer.headers()
                .firstValue("location")
                .orElseThrow(() -> new AssertionError(answer.statusCode() + " " + answer.body())));
    }
}
