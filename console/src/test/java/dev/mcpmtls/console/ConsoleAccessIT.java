// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access to the console: tokens, methods, origins, hosts and files. */
class ConsoleAccessIT extends RunningConsole {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "about",
                "map?window=1d",
                "certificates",
                "events",
                "access",
                "explain?peer=coordinator&server=weather&tool=getForecast",
                "may?peer=coordinator",
                "health",
                "figures?window=1h"
            })
    void answersTheTokenAndNoOther(String endpoint) throws Exception {
        HttpResponse<String> answer = get(endpoint);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
        assertThat(answer.headers().firstValue("access-control-allow-origin")).isEmpty();
        assertThat(answer.body()).matches("[ -%(-;=?-~]*").doesNotContain("<", ">", "&", "'", TOKEN.reveal());
        assertThat(send(request(endpoint)).statusCode()).isEqualTo(401);
        assertThat(send(request(endpoint).header("Authorization", "Bearer " + TOKEN.reveal() + "x"))
                        .statusCode())
                .isEqualTo(401);
        assertThat(send(request(endpoint + (endpoint.contains("?") ? "&" : "?") + "token=" + TOKEN.reveal()))
                        .statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"})
    void changesNothing(String method) throws Exception {
        HttpResponse<String> answer = send(authorized("map").method(method, HttpRequest.BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).hasValue("GET, HEAD");
        assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-methods");
    }

    @Test
    void headHasNoBody() throws Exception {
        HttpResponse<String> answer = send(authorized("map").method("HEAD", HttpRequest.BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Origin,https://evil.example,403",
        "Origin,null,403",
        "Origin,http://127.0.0.1:1,403",
        "Sec-Fetch-Site,cross-site,403",
        "Sec-Fetch-Site,same-site,403",
        "Sec-Fetch-Site,same-origin,200",
        "Sec-Fetch-Site,none,200"
    })
    void isForPagesOfItsOwnOriginOnly(String header, String value, int status) throws Exception {
        assertThat(send(authorized("health").header(header, value)).statusCode())
                .isEqualTo(status);
    }

    @Test
    void isForItsOwnOrigin() throws Exception {
        String own = "http://127.0.0.1:" + server.port();

        assertThat(send(authorized("health").header("Origin", own)).statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"evil.example,421", "127.0.0.1.evil.example,421", "localhost,200", "127.0.0.1,200"})
    void aNameThatWasPointedHereReadsNothing(String host, int status) throws Exception {
        String head = "GET /console/api/health HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer "
                + TOKEN.reveal() + "\r\n\r\n";

        assertThat(statusLine(head)).contains(" " + status + " ");
    }

    @ParameterizedTest
    @CsvSource({
        "/console/,200",
        "/console/index.html,200",
        "/console/../health,404",
        "/console/%2e%2e/x.js,404",
        "/console/web/index.html,404",
        "/console/index.html.class,404",
        "/console/INDEX.html,404",
        "/console/.html,404",
        "/console/api/nothing,401",
        "/console/nothing.js,404"
    })
    void thePageHasItsOwnFilesAndNoOther(String path, int status) throws Exception {
        assertThat(statusLine("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .contains(" " + status + " ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/console"})
    void theRootLeadsToThePage(String path) throws Exception {
        HttpResponse<String> answer = CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("location")).hasValue("/console/");
        assertThat(answer.headers().firstValue("content-security-policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .startsWith("default-src 'none'")
                        .contains("frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
    }

    @Test
    void aPageThatIsKnownIsNotSentAgain() throws Exception {
        URI page = URI.create("http://127.0.0.1:" + server.port() + "/console/");
        HttpResponse<String> first = CLIENT.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());
        String tag = first.headers().firstValue("etag").orElseThrow();
        HttpResponse<String> again = CLIENT.send(
                HttpRequest.newBuilder(page).header("If-None-Match", tag).build(), BodyHandlers.ofString());

        assertThat(first.body()).isNotEmpty();
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    private static String statusLine(String head) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }
}
