// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.transport.server.Agent.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A server with access rules and a backend in memory, asked over real connections in either era. */
abstract class RuledServer {

    static final String BOTH = """
            rules:
              - name: alice-everything
                peers: ["spiffe://demo.local/agent/alice"]
                methods: ["*"]
              - name: bob-reads
                peers: ["spiffe://demo.local/agent/bob"]
                servers: [offer]
                tools: ["*_read", "d_*"]
                prompts: [report]
                resources: ["file:///srv/docs/*"]
              - name: small-orders
                tools: [e_order]
                when: call.arguments.amount <= 100
              - name: no-deletes
                effect: deny
                tools: ["*delete*"]
              - name: no-secrets
                effect: deny
                resources: ["file:///srv/docs/secret*"]
                prompts: ["secret*"]
            """;

    final OfferBackend backend = new OfferBackend();
    final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();

    @TempDir
    Path directory;

    FileAccessPolicy policy;
    Running running;

    enum Era {
        LEGACY,
        MODERN
    }

    void serve(String rules) throws IOException {
        policy = FileAccessPolicy.load(Files.writeString(directory.resolve("policy.yaml"), rules));
        running = Station.running(
                backend, events, settings -> settings.accessPolicy(policy).name("offer"));
    }

    @AfterEach
    void close() {
        if (running != null) {
            running.shutdown(Duration.ZERO).join();
        }
    }

    Agent agent(String name) {
        return new Agent(
                URI.create("https://localhost:" + running.address().getPort() + "/mcp"), Station.context(name));
    }

    /** Makes a request in either era. */
    static Answer ask(Era era, Agent agent, String method, String name, String params) throws Exception {
        return era == Era.MODERN
                ? agent.send(agent.modern(method, name, params))
                : agent.send(agent.legacy(
                        agent.initialize(),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + params + "}}"));
    }

    static Answer call(Era era, Agent agent, String tool, String arguments) throws Exception {
        return ask(era, agent, "tools/call", tool, "\"name\":\"" + tool + "\"" + arguments);
    }

    static Answer read(Era era, Agent agent, String uri) throws Exception {
        return ask(era, agent, "resources/read", uri, "\"uri\":\"" + uri + "\"");
    }

    /** All pages of a list: the names in it. */
    static List<String> list(Era era, Agent agent, String method, String member, String key) throws Exception {
        List<String> names = new ArrayList<>();
        String params = "";
        for (int pages = 0; pages < 20; pages++) {
            Answer page = ask(era, agent, method, "", params);
            assertThat(page.status()).as(page.http().body()).isEqualTo(200);
            page.json()
                    .at("/result/" + member)
                    .forEach(one -> names.add(one.get(key).asString()));
            JsonNode next = page.json().at("/result/nextCursor");
            if (next.isMissingNode()) {
                return names;
            }
            assertThat(page.json().at("/result/" + member))
                    .as("a page shows something")
                    .isNotEmpty();
            assertThat(next.asString()).doesNotContain("delete", "secret");
            params = "\"cursor\":\"" + next.asString() + "\"";
        }
        throw new AssertionError("the list does not end");
    }

    static List<String> tools(Era era, Agent agent) throws Exception {
        return list(era, agent, "tools/list", "tools", "name");
    }

    static java.net.http.HttpRequest.Builder listening(Agent agent) {
        return agent.modern("subscriptions/listen", "", "\"notifications\":{\"toolsListChanged\":true}");
    }

    static Iterator<String> lines(Agent agent, java.net.http.HttpRequest.Builder request) throws Exception {
        return agent.stream(request).filter(line -> line.startsWith("data: {")).iterator();
    }

    /** The messages of a stream as they come. */
    static BlockingQueue<String> heard(Agent agent, java.net.http.HttpRequest.Builder request) throws Exception {
        Stream<String> stream = agent.stream(request).filter(line -> line.startsWith("data: {"));
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            try {
                stream.forEach(heard::add);
            } catch (RuntimeException closed) {
                heard.add("closed");
            }
        });
        reader.setDaemon(true);
        reader.start();
        return heard;
    }
}
