// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MonitoringServerIT {

    private volatile Instant now = Events.NOW;
    private final Health health = new Health(() -> now);
    private final Metrics metrics = new Metrics();
    private final MonitoringServer server =
            MonitoringServer.start(new InetSocketAddress("127.0.0.1", 0), Set.of("weather.internal"), health, metrics);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void isReadyWhileDegradedAndNotWhenFailing() throws Exception {
        health.accept(Events.loaded("weather", Duration.ofHours(24)));
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        now = Events.NOW.plus(Duration.ofHours(23));
        HttpResponse<String> degraded = get("/health/ready");
        assertThat(degraded.statusCode()).isEqualTo(200);
        JsonObject body = new JsonObject(degraded.body());
        assertThat(body.getString("status")).isEqualTo("degraded");
        assertThat(body.getJsonArray("checks").getJsonObject(0).getDouble("daysLeft"))
                .isEqualTo(0.04);
        now = Events.NOW.plus(Duration.ofHours(25));
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void isAliveEvenWhenFailing() throws Exception {
        health.accept(Events.loaded("weather", Duration.ofHours(1)));
        now = Events.NOW.plus(Duration.ofHours(2));
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void givesPrometheusWhatItReads() throws Exception {
        metrics.accept(Events.accepted());
        HttpResponse<String> scrape = get("/metrics");
        assertThat(scrape.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(scrape.body()).contains("# TYPE mcp_mtls_handshakes_total counter");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LocalHost:1",
                "127.0.0.1",
                "10.1.2.3:9090",
                "[::1]",
                "[fd00::1]:80",
                "weather.internal",
                "Weather.Internal:9"
            })
    void answersToAddressesLocalhostAndConfiguredNames(String host) throws Exception {
        for (String path : new String[] {"/health/live", "/health/ready", "/metrics"}) {
            assertThat(statusLine("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                    .isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rebound.example",
                "localhost.rebound.example",
                "127.0.0.1.nip.example",
                "127.1",
                "2130706433",
                "0x7f000001",
                "[::1].example",
                "localhost@rebound.example",
                "localhost rebound.example",
                ""
            })
    void answersToNoOtherHost(String host) throws Exception {
        for (String path : new String[] {"/health/live", "/health/ready", "/metrics"}) {
            assertThat(statusLine("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 421");
        }
    }

    @Test
    void wantsOneHostUnlessTheProbeIsOfHttp10() throws Exception {
        assertThat(statusLine("GET /metrics HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 200");
        assertThat(statusLine("GET /metrics HTTP/1.1\r\n\r\n")).matches("HTTP/1.1 4.*");
        assertThat(statusLine("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: rebound.example\r\n\r\n"))
                .matches("HTTP/1.1 4.*");
        assertThat(statusLine("GET http://rebound.example/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 421");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET\t/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET  /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
                " GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /metrics HTTP/1.1 \r\nHost: localhost\r\n\r\n",
                "GET /metrics HTTP/1.1\nHost: localhost\r\n\r\n",
                "GET /metrics HTTP/1.1\nHost: localhost\n\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\n .example\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n\tc\r\n\r\n",
                "GET /metrics HTTP/1.1\r\n X-A: b\r\nHost: localhost\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost : localhost\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\nX-A: b\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A: b\rc\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A: b\u0000\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX A: b\r\n\r\n",
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A\r\n\r\n"
            })
    void refusesHeadsThatImplementationsReadDifferently(String head) throws Exception {
        assertThat(statusLine(head)).isEqualTo("HTTP/1.1 400 Bad Request");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "\r\nGET /metrics HTTP/1.1\r\nHost:localhost\r\n\r\n",
                "GET /metrics?a=b HTTP/1.1\r\nX-A:\t b \r\nX-B:\r\nHost: localhost\r\n\r\n"
            })
    void readsProperHeads(String head) throws Exception {
        assertThat(statusLine(head)).isEqualTo("HTTP/1.1 200 OK");
    }

    @Test
    void refusesAHeadThatDoesNotEnd() throws Exception {
        assertThat(statusLine("GET /metrics HTTP/1.1\r\nX-A: " + "b".repeat(9_000)))
                .isEqualTo("HTTP/1.1 400 Bad Request");
    }

    private String statusLine(String request) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            return String.valueOf(in.readLine());
        }
    }

    @Test
    void servesNothingElse() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
        HttpRequest post = HttpRequest.newBuilder(uri("/metrics"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(send(post).statusCode()).isEqualTo(405);
    }

    @Test
    void saysThatItsAddressIsTaken() {
        InetSocketAddress taken = new InetSocketAddress("127.0.0.1", server.port());
        assertThatThrownBy(() -> MonitoringServer.start(taken, health, metrics))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot listen on");
    }

    @Test
    void whoeverHoldsConnectionsLosesTheEldestToWhoeverComes() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                silent.add(new Socket("127.0.0.1", server.port()));
            }

            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            Socket first = silent.get(0);
            first.setSoTimeout(10_000);
            assertThat(first.getInputStream().read()).isEqualTo(-1);
            Socket last = silent.get(99);
            last.getOutputStream()
                    .write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(last.getInputStream().read()).isEqualTo('H');
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
