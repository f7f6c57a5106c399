// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import static dev.mcpmtls.console.Events.NOW;

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
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A console over plain HTTP with a few events, one for all tests of a class. */
abstract class RunningConsole {

    static final String EVIL = "</script><img src=x onerror=alert(1)>\u202e\u2028\u001b[2J";
    static final String COORDINATOR = "spiffe://test.example/agent/coordinator";
    static final Peer PEER = Events.peer("coordinator");
    static final Token TOKEN = Token.random();

    @TempDir
    static Path directory;

    static AuditLog log;
    static AuditSink sink;
    static Console console;
    static MonitoringServer server;
    static final HttpClient CLIENT = HttpClient.newHttpClient();

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

    static void record(AuditEvent event) {
        sink.record(event).toCompletableFuture().join();
    }

    @AfterAll
    static void stop() {
        server.close();
        console.close();
        log.close();
    }

    static HttpResponse<String> get(String endpoint) throws IOException, InterruptedException {
        return send(authorized(endpoint));
    }

    static HttpRequest.Builder authorized(String endpoint) {
        return request(endpoint).header("Authorization", "Bearer " + TOKEN.reveal());
    }

    static HttpRequest.Builder request(String endpoint) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/console/api/" + endpoint));
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }
}
