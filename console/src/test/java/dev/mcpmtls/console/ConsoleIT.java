// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import static dev.mcpmtls.console.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.auditlog.AuditSettings;
import dev.mcpmtls.console.source.AuditSource;
import dev.mcpmtls.console.source.RulesSource;
import dev.mcpmtls.console.source.ServerSource;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.web.Token;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.metrics.AuditWatch;
import dev.mcpmtls.metrics.Health;
import dev.mcpmtls.metrics.Metrics;
import dev.mcpmtls.metrics.MonitoringServer;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.trust.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API over plain HTTP, as a page and as attackers use it. One server for all tests. */
class ConsoleIT {

    private static final String EVIL = "</script><img src=x onerror=alert(1)>\u202e\u2028\u001b[2J";
    private static final String COORDINATOR = "spiffe://test.example/agent/coordinator";
    private static final Peer PEER = Events.peer("coordinator");
    private static final Token TOKEN = Token.random();

    @TempDir
    private static Path directory;

    private static AuditLog log;
    private static AuditSink sink;
    private static Console console;
    private static MonitoringServer server;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws IOException {
        Path rules = Files.writeString(directory.resolve("policy.yaml"), """
            rules:
              - name: agents
                peers: ["spiffe://test.example/agent/*"]
                tools: ["get*"]
              - name: no-deletes
                effect: deny
                tools: ["delete*"]
              - name: short
                peers: ["spiffe://test.example/agent/*"]
                tools: [echo]
                when: size(string(call.arguments.text)) <= 3
            """);
        Files.setPosixFilePermissions(rules, PosixFilePermissions.fromString("rw-------"));
        FileAccessPolicy policy = FileAccessPolicy.load(rules);
        log = AuditLog.open(AuditSettings.of(directory.resolve("audit.jsonl")), "test");
        Health health = new Health(() -> NOW);
        Sources sources = new Sources(
                "1.2.3",
                () -> NOW,
                health,
                new RulesSource(policy, () -> "3 rules", Set.of("weather", "weather-mcp")),
                new AuditSource(log.path(), new AuditWatch(), () -> 0));
        sources.add(new ServerSource(
                "weather-mcp",
                "weather",
                URI.create("https://localhost:8443/mcp"),
                List.of("getForecast", "echo", "deleteStation", EVIL),
                Events.VERIFIER,
                new ServerSource.Presented(
                        "weather", () -> new Chain(Events.CA.server("weather").chain())),
                Optional::empty,
                () -> Map.of("connections", 1L)));
        console = new Console(sources);
        sink = console.over(log.as("weather-mcp"), "weather-mcp");
        server = MonitoringServer.start(
                new InetSocketAddress("127.0.0.1", 0),
                Set.of(),
                health,
                new Metrics(),
                console.requests(TOKEN)::answers);
        sink.record(Events.accepted(PEER, NOW)).toCompletableFuture().join();
        record(Events.called(PEER, "getForecast", Events.permitted("agents"), NOW));
        record(Events.called(PEER, EVIL, Events.denied(), NOW));
        record(Events.rejected("spiffe://test.example/agent/laptop-7", NOW));
        record(Events.rejected(
                Events.CA.client(
                        "x",
                        spec -> spec.withoutNames()
                                .subject("CN=\\<script\\>alert(1)\\</script\\>\u202e")
                                .valid(NOW.minusSeconds(10), NOW.minusSeconds(5))),
                NOW));
    }

    private static void record(AuditEvent event) {
        sink.record(event).toCompletableFuture().join();
    }

    @AfterAll
    static void stop() {
        server.close();
        console.close();
        log.close();
    }

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

    @Test
    void theMapHasEdgesAndRefusals() throws Exception {
        String map = get("map").body();

        assertThat(map)
                .contains("\"peer\":\"" + COORDINATOR + "\",\"server\":\"weather-mcp\",\"method\":\"tools/call\","
                        + "\"tool\":\"getForecast\",\"calls\":1,\"permitted\":1,\"denied\":0")
                .contains(
                        "\"peer\":\"spiffe://test.example/agent/laptop-7\",\"reason\":\"UNTRUSTED_ISSUER\",\"count\":1");
    }

    @Test
    void anEventHasItsCauseAndItsRemedy() throws Exception {
        String events = found("events?reason=UNTRUSTED_ISSUER&peer=laptop-7");

        assertThat(events)
                .contains("\"sentence\":\"weather-mcp refused spiffe://test.example/agent/laptop-7: ")
                .contains("\"cause\":\"the certificate of spiffe://test.example/agent/laptop-7 from ")
                .contains("\"remedy\":\"if that authority is to be trusted here")
                .contains("\"claimed\":true");
        assertThat(found("events?reason=REVOKED")).isEqualTo("{\"events\":[]}");
    }

    @Test
    void anExplanationNamesTheRuleAndReadsArguments() throws Exception {
        String ask = "explain?peer=coordinator&server=weather&tool=echo&arguments=";

        assertThat(get(ask + "%7B%22text%22:%22hi%22%7D").body())
                .contains("\"decision\":\"permit\"", "\"rule\":\"short\"");
        assertThat(get(ask + "%7B%22text%22:%22secret%22%7D").body())
                .contains("\"decision\":\"deny\"", "\"why\":\"when: it is false\"")
                .doesNotContain("secret");
        assertThat(get("explain?peer=spiffe://test.example/agent/laptop-7&server=weather-mcp&tool=getForecast")
                        .body())
                .contains("\"decision\":\"permit\"", "was refused 1 time (UNTRUSTED_ISSUER)");
    }

    @Test
    void whatAPeerMayCallIsListed() throws Exception {
        assertThat(get("may?peer=coordinator").body())
                .contains("{\"tool\":\"getForecast\",\"decision\":\"permit\",\"would\":\"permit\",\"rule\":\"agents\"}")
                .contains("{\"tool\":\"deleteStation\",\"decision\":\"deny\"")
                .contains("\"tool\":\"echo\",\"decision\":\"deny\"")
                .contains("\"dependsOnArguments\":true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "map?window=2h",
                "map?windo=5m",
                "map?window=5m&window=5m",
                "events?limit=0",
                "events?limit=501",
                "events?before=x",
                "events?reason=EXPIREDD",
                "events?since=yesterday",
                "explain?peer=coordinator",
                "explain?peer=coordinator&server=wether&tool=x",
                "explain?peer=coordinator&server=weather&tool=x&prompt=y",
                "explain?peer=coordinator&server=weather&tool=x&arguments=1",
                "explain?peer=stranger-9&server=weather&tool=x",
                "explain?peer=spiffe://&server=weather&tool=x",
                "stream?window=5m"
            })
    void aQuestionThatCannotBeAnsweredIsExplained(String endpoint) throws Exception {
        HttpResponse<String> answer = get(endpoint);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"error\":{\"code\":\"BAD_PARAMETER\",\"message\":\"");
    }

    @Test
    void aStreamBeginsWithHelloGoesOnWithWhatHappensAndResumes() throws Exception {
        try (Stream first = new Stream("stream?action=tls-rejected", "")) {
            assertThat(first.next("hello")).contains("\"id\":");
            record(Events.accepted(PEER, NOW));
            record(Events.rejected("spiffe://test.example/agent/late", NOW));

            String event = first.next("audit");

            assertThat(event).contains("spiffe://test.example/agent/late");
            long id = Long.parseLong(event.replaceFirst(".*?\"id\":(\\d+).*", "$1"));
            try (Stream again = new Stream("stream", Long.toString(id - 2))) {
                again.next("hello");
                assertThat(again.next("audit")).contains("\"id\":" + (id - 1) + ",");
                assertThat(again.next("audit")).contains("\"id\":" + id + ",");
            }
        }
    }

    @Test
    void theTwentyFirstViewerIsTurnedAwayAndTheNextIsServedWhenOneLeaves() throws Exception {
        List<Stream> open = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                open.add(new Stream("stream", ""));
                open.get(i).next("hello");
            }
            HttpResponse<String> refused = get("stream");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).isPresent();
            assertThat(refused.body()).contains("TOO_MANY_VIEWERS");
            assertThat(get("map").statusCode()).isEqualTo(200);
        } finally {
            for (Stream stream : open) {
                stream.close();
            }
        }
        while (get("figures").body().matches(".*\"viewers\":[1-9].*")) {
            Thread.onSpinWait();
        }
        try (Stream next = new Stream("stream", "")) {
            assertThat(next.next("hello")).isNotEmpty();
        }
    }

    @Test
    void aSlowViewerMissesEventsAndLearnsHowManyWhileOthersMissNone() throws Exception {
        int many = 6_000;
        try (Stream slow = new Stream("stream", "");
                Stream fast = new Stream("stream?action=call-denied", "")) {
            slow.next("hello");
            fast.next("hello");
            CompletableFuture<Integer> counted = CompletableFuture.supplyAsync(() -> fast.countUntil("last-one"));
            List<CompletableFuture<Void>> written = IntStream.range(0, many)
                    .mapToObj(i -> sink.record(Events.accepted(PEER, NOW)).toCompletableFuture())
                    .toList();
            written.forEach(CompletableFuture::join);
            record(Events.called(PEER, "last-one", Events.denied(), NOW));

            assertThat(counted.get()).isEqualTo(1);
            Counts counts = slow.countAll(many + 1);
            assertThat(counts.events() + counts.missed()).isEqualTo(many + 1);
            assertThat(counts.missed()).isPositive();
        }
    }

    @Test
    void manyPeersToolsAndEventsGiveAnswersOfBoundedSize() throws Exception {
        List<Peer> fleet =
                IntStream.range(0, 50).mapToObj(i -> Events.peer("fleet-" + i)).toList();
        for (int chunk = 0; chunk < 10; chunk++) {
            List<CompletableFuture<Void>> written = new ArrayList<>();
            for (int tool = 0; tool < 1_000; tool++) {
                Peer peer = fleet.get((chunk + tool) % 50);
                written.add(sink.record(Events.called(peer, "tool-" + tool, Events.permitted("agents"), NOW))
                        .toCompletableFuture());
            }
            written.forEach(CompletableFuture::join);
        }

        String map = get("map").body();
        String events = get("events?limit=500&server=weather").body();

        assertThat(map.split("\"callsPerMinute\"", -1)).hasSizeBetween(1_000, 5_001);
        assertThat(map.length()).isLessThan(2_000_000);
        assertThat(events.split("\"sentence\"", -1)).hasSize(501);
        assertThat(events.length()).isLessThan(1_000_000);
        assertThat(get("may?peer=fleet-7%20").statusCode()).isEqualTo(200);
    }

    /** The first page that is not empty, or the last: each reads a bounded part of the log. */
    private static String found(String endpoint) throws Exception {
        String page = get(endpoint).body();
        while (page.startsWith("{\"events\":[],\"next\":")) {
            page = get(endpoint + "&before=" + page.replaceAll("\\D", "")).body();
        }
        return page;
    }

    private record Counts(long events, long missed) {}

    /** A stream as a page reads it. */
    private static final class Stream implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader reader;

        Stream(String endpoint, String last) throws IOException {
            socket = new Socket();
            socket.setReceiveBufferSize(8 * 1024);
            socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
            socket.setSoTimeout(20_000);
            String head = "GET /console/api/" + endpoint + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + TOKEN.reveal() + (last.isEmpty() ? "" : "\r\nLast-Event-ID: " + last) + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII), 1024);
        }

        /** The data of the next event of that kind. */
        String next(String event) throws IOException {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.equals("event: " + event)) {
                    return reader.readLine().substring("data: ".length());
                }
            }
            throw new IOException("the stream ended");
        }

        int countUntil(String text) {
            try {
                int count = 0;
                while (true) {
                    count++;
                    if (next("audit").contains(text)) {
                        return count;
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Counts events and missed ones until all are accounted for. */
        Counts countAll(long all) throws IOException {
            long events = 0;
            long missed = 0;
            while (events + missed < all) {
                String line = reader.readLine();
                if (line.equals("event: audit")) {
                    events++;
                } else if (line.equals("event: missed")) {
                    missed += Long.parseLong(reader.readLine().replaceAll("\\D", ""));
                }
            }
            return new Counts(events, missed);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String statusLine(String head) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    private static HttpResponse<String> get(String endpoint) throws IOException, InterruptedException {
        return send(authorized(endpoint));
    }

    private static HttpRequest.Builder authorized(String endpoint) {
        return request(endpoint).header("Authorization", "Bearer " + TOKEN.reveal());
    }

    private static HttpRequest.Builder request(String endpoint) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/console/api/" + endpoint));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }
}
