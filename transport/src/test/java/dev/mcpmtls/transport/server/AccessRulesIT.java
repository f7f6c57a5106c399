// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.transport.server.Agent.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Access rules over real connections, in both eras. */
@Timeout(60)
class AccessRulesIT {

    private static final String BOTH = """
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

    private final OfferBackend backend = new OfferBackend();
    private final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path directory;

    private FileAccessPolicy policy;
    private Running running;

    private enum Era {
        LEGACY,
        MODERN
    }

    private void serve(String rules) throws IOException {
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

    private Agent agent(String name) {
        return new Agent(
                URI.create("https://localhost:" + running.address().getPort() + "/mcp"), Station.context(name));
    }

    /** Makes a request in either era. */
    private static Answer ask(Era era, Agent agent, String method, String name, String params) throws Exception {
        return era == Era.MODERN
                ? agent.send(agent.modern(method, name, params))
                : agent.send(agent.legacy(
                        agent.initialize(),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + params + "}}"));
    }

    private static Answer call(Era era, Agent agent, String tool, String arguments) throws Exception {
        return ask(era, agent, "tools/call", tool, "\"name\":\"" + tool + "\"" + arguments);
    }

    private static Answer read(Era era, Agent agent, String uri) throws Exception {
        return ask(era, agent, "resources/read", uri, "\"uri\":\"" + uri + "\"");
    }

    /** All pages of a list: the names in it. */
    private static List<String> list(Era era, Agent agent, String method, String member, String key) throws Exception {
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

    private static List<String> tools(Era era, Agent agent) throws Exception {
        return list(era, agent, "tools/list", "tools", "name");
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void listsShowWhatTheCallerMayUse(Era era) throws Exception {
        serve(BOTH);

        assertThat(tools(era, agent("alice"))).containsExactly("a_read", "d_echo", "e_order");
        assertThat(tools(era, agent("bob"))).containsExactly("a_read", "d_echo", "e_order");
        assertThat(tools(era, agent("carol"))).containsExactly("e_order");
        assertThat(list(era, agent("bob"), "prompts/list", "prompts", "name")).containsExactly("report");
        assertThat(list(era, agent("carol"), "prompts/list", "prompts", "name")).isEmpty();
        assertThat(list(era, agent("bob"), "resources/list", "resources", "uri"))
                .containsExactly("file:///srv/docs/a");
        assertThat(list(era, agent("bob"), "resources/templates/list", "resourceTemplates", "uriTemplate"))
                .containsExactly("file:///srv/{path}");
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void aDeniedCallNamesItsRuleAndNeverReachesTheBackend(Era era) throws Exception {
        serve(BOTH);

        Answer denied = call(era, agent("alice"), "b_delete", ",\"arguments\":{\"secret\":\"hunter2\"}");

        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.json().at("/error/code").asInt()).isEqualTo(403);
        assertThat(denied.json().at("/error/message").asString()).contains("no-deletes");
        assertThat(denied.json().at("/error/data/rule").asString()).isEqualTo("no-deletes");
        assertThat(backend.reached).isEmpty();
        assertThat(events)
                .anySatisfy(event -> assertThat(event).isInstanceOfSatisfying(AuditEvent.CallDecided.class, decided -> {
                    assertThat(decided.decision().rule()).contains("no-deletes");
                    assertThat(decided.toString()).doesNotContain("hunter2");
                }));
        assertThat(call(era, agent("alice"), "no_such_tool", "").status()).isEqualTo(200);
        assertThat(call(era, agent("carol"), "no_such_tool", "")
                        .json()
                        .at("/error/message")
                        .asString())
                .isEqualTo("no rule permits it");
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void argumentsDecide(Era era) throws Exception {
        serve(BOTH);
        Agent carol = agent("carol");

        assertThat(call(era, carol, "e_order", ",\"arguments\":{\"amount\":100}")
                        .status())
                .isEqualTo(200);
        assertThat(call(era, carol, "e_order", ",\"arguments\":{\"amount\":100.5}")
                        .status())
                .isEqualTo(403);
        assertThat(call(era, carol, "e_order", ",\"arguments\":{}").status()).isEqualTo(403);
        assertThat(call(era, carol, "e_order", "").status()).isEqualTo(403);
        Answer malformed = call(era, carol, "e_order", ",\"arguments\":[100]");
        assertThat(malformed.status()).isEqualTo(400);
        assertThat(malformed.json().at("/error/code").asInt()).isEqualTo(-32602);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///srv/docs/../docs/secret",
                "file:///srv/docs/%2e%2e/docs/a",
                "file:///srv/docs//a",
                "file:///srv/docs/secret?x=1"
            })
    void oddResourcesAreDenied(String uri) throws Exception {
        serve(BOTH);

        for (Era era : Era.values()) {
            assertThat(read(era, agent("bob"), uri).status()).isEqualTo(403);
            assertThat(read(era, agent("bob"), "file:///srv/docs/a").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void aCompletionIsDecidedAsItsPromptOrResource(Era era) throws Exception {
        serve(BOTH);
        String argument = ",\"argument\":{\"name\":\"x\",\"value\":\"y\"}";

        assertThat(ask(
                                era,
                                agent("bob"),
                                "completion/complete",
                                "",
                                "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"report\"}" + argument)
                        .status())
                .isEqualTo(200);
        assertThat(ask(
                                era,
                                agent("bob"),
                                "completion/complete",
                                "",
                                "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"secret-report\"}" + argument)
                        .status())
                .isEqualTo(403);
        assertThat(ask(
                                era,
                                agent("bob"),
                                "completion/complete",
                                "",
                                "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"file:///srv/docs/{name}\"}" + argument)
                        .status())
                .isEqualTo(200);
        assertThat(ask(
                                era,
                                agent("bob"),
                                "completion/complete",
                                "",
                                "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"mem://{key}\"}" + argument)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aSubscriptionIsDecidedAsItsResource() throws Exception {
        serve(BOTH);
        Agent bob = agent("bob");
        String session = bob.initialize();
        String subscribe =
                "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"resources/subscribe\",\"params\":{\"uri\":\"%s\"}}";

        assertThat(bob.send(bob.legacy(session, subscribe.formatted(1, "file:///srv/docs/a")))
                        .status())
                .isEqualTo(200);
        assertThat(bob.send(bob.legacy(session, subscribe.formatted(2, "file:///srv/docs/secret")))
                        .status())
                .isEqualTo(403);
        Iterator<String> stream = lines(
                bob,
                bob.modern(
                        "subscriptions/listen",
                        "",
                        "\"notifications\":{\"resourceSubscriptions\":[\"file:///srv/docs/a\",\"file:///srv/docs/secret\"]}"));
        assertThat(stream.next()).contains("file:///srv/docs/a").doesNotContain("secret");
        assertThat(events)
                .filteredOn(event -> event instanceof AuditEvent.CallDecided decided
                        && decided.call().method().equals("resources/subscribe")
                        && decided.decision() instanceof Decision.Deny)
                .hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void theRateIsPerPeerAndSaysWhenToComeBack(Era era) throws Exception {
        serve("""
                rules:
                  - name: slowly
                    tools: ["*"]
                    rate: 2/h
                """);
        Agent bob = agent("bob");

        assertThat(tools(era, bob)).hasSize(5);
        assertThat(call(era, bob, "d_echo", "").status()).isEqualTo(200);
        assertThat(call(era, bob, "d_echo", "").status()).isEqualTo(200);
        Answer third = call(era, bob, "d_echo", "");
        assertThat(third.status()).isEqualTo(429);
        assertThat(third.json().at("/error/code").asInt()).isEqualTo(429);
        assertThat(Integer.parseInt(third.header("retry-after"))).isBetween(1, 1800);
        assertThat(third.json().at("/error/message").asString())
                .endsWith("; try again in " + third.header("retry-after") + " s");
        assertThat(call(era, agent("carol"), "d_echo", "").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void shadowPermitsAndRecords(Era era) throws Exception {
        serve("mode: shadow\n" + BOTH);

        assertThat(tools(era, agent("bob"))).hasSize(5);
        assertThat(call(era, agent("bob"), "b_delete", "").status()).isEqualTo(200);
        assertThat(events)
                .anySatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(
                                AuditEvent.CallDecided.class,
                                decided -> assertThat(decided.decision())
                                        .isInstanceOfSatisfying(
                                                Decision.Permit.class,
                                                permit -> assertThat(
                                                                permit.would().flatMap(Decision.Deny::rule))
                                                        .contains("no-deletes"))));
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void denyOnlyRulesWithAPermittingDefaultDenyThatAlone(Era era) throws Exception {
        serve("""
                default: permit
                rules:
                  - name: no-deletes
                    effect: deny
                    tools: ["*delete*"]
                  - name: no-pings
                    effect: deny
                    methods: [prompts/list]
                """);

        assertThat(tools(era, agent("bob"))).containsExactly("a_read", "d_echo", "e_order");
        assertThat(call(era, agent("bob"), "d_echo", "").status()).isEqualTo(200);
        assertThat(call(era, agent("bob"), "c_delete", "").status()).isEqualTo(403);
        assertThat(ask(era, agent("bob"), "prompts/list", "", "").status()).isEqualTo(403);
    }

    @Test
    void discoveryLeavesOutACapabilityOfWhichEverythingIsWithheld() throws Exception {
        serve(BOTH);

        JsonNode carols = ask(Era.MODERN, agent("carol"), "server/discover", "", "")
                .json()
                .at("/result/capabilities");
        JsonNode bobs =
                ask(Era.MODERN, agent("bob"), "server/discover", "", "").json().at("/result/capabilities");

        assertThat(carols.propertyNames()).containsExactly("tools");
        assertThat(bobs.propertyNames()).containsExactlyInAnyOrder("tools", "prompts", "resources", "completions");
        assertThat(carols.at("/tools/listChanged").asBoolean()).isTrue();
        assertThat(ask(Era.MODERN, agent("carol"), "prompts/get", "report", "\"name\":\"report\"")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aCursorIsValidForItsOwnerAndListAlone() throws Exception {
        serve(BOTH);
        Agent bob = agent("bob");
        String cursor = ask(Era.MODERN, bob, "tools/list", "", "")
                .json()
                .at("/result/nextCursor")
                .asString();

        for (String other : List.of(cursor.substring(1), "d_echo", "x")) {
            Answer refused = ask(Era.MODERN, bob, "tools/list", "", "\"cursor\":\"" + other + "\"");
            assertThat(refused.json().at("/error/code").asInt()).isEqualTo(-32602);
        }
        assertThat(ask(Era.MODERN, agent("carol"), "tools/list", "", "\"cursor\":\"" + cursor + "\"")
                        .json()
                        .at("/error/code")
                        .asInt())
                .isEqualTo(-32602);
        assertThat(ask(Era.MODERN, bob, "prompts/list", "", "\"cursor\":\"" + cursor + "\"")
                        .json()
                        .at("/error/code")
                        .asInt())
                .isEqualTo(-32602);
    }

    @Test
    void newRulesReachLiveSessionsAndThoseWhoseListChangedLearnOfIt() throws Exception {
        serve(BOTH);
        Agent bob = agent("bob");
        Agent carol = agent("carol");
        String session = bob.initialize();
        BlockingQueue<String> bobs = heard(
                bob,
                bob.request("Mcp-Session-Id", session, "MCP-Protocol-Version", "2025-11-25")
                        .GET());
        BlockingQueue<String> bobsModern = heard(bob, listening(bob));
        BlockingQueue<String> carols = heard(carol, listening(carol));
        assertThat(bobsModern.poll(20, TimeUnit.SECONDS)).contains("acknowledged", "toolsListChanged");
        assertThat(carols.poll(20, TimeUnit.SECONDS)).contains("acknowledged");
        assertThat(Station.comesTrue(Duration.ofSeconds(20), () -> running.openSessions() == 1))
                .isTrue();

        Files.writeString(directory.resolve("policy.yaml"), BOTH.replace("\"*_read\", \"d_*\"", "d_echo"));
        assertThat(policy.reload()).isInstanceOf(FileAccessPolicy.Reload.Replaced.class);

        assertThat(bobs.poll(20, TimeUnit.SECONDS)).contains("notifications/tools/list_changed");
        assertThat(bobsModern.poll(20, TimeUnit.SECONDS)).contains("notifications/tools/list_changed");
        assertThat(bob.send(bob.legacy(session, Agent.call(7, "a_read"))).status())
                .isEqualTo(403);
        assertThat(tools(Era.MODERN, bob)).containsExactly("d_echo", "e_order");

        Files.writeString(directory.resolve("policy.yaml"), BOTH.replace("tools: [e_order]", "tools: [nothing]"));
        assertThat(policy.reload()).isInstanceOf(FileAccessPolicy.Reload.Replaced.class);
        assertThat(carols.poll(20, TimeUnit.SECONDS))
                .as("her list changed for the first time")
                .contains("notifications/tools/list_changed");
        assertThat(carols).isEmpty();

        Files.writeString(directory.resolve("policy.yaml"), "rules: [");
        assertThat(policy.reload()).isInstanceOf(FileAccessPolicy.Reload.Kept.class);
        assertThat(call(Era.MODERN, bob, "a_read", "").status()).isEqualTo(200);
    }

    @Test
    void aChangeOfTheBackendsReachesThoseWhoSeeIt() throws Exception {
        serve(BOTH);
        Agent bob = agent("bob");
        Agent carol = agent("carol");
        BlockingQueue<String> bobs = heard(bob, listening(bob));
        BlockingQueue<String> carols = heard(carol, listening(carol));
        assertThat(bobs.poll(20, TimeUnit.SECONDS)).contains("acknowledged");
        assertThat(carols.poll(20, TimeUnit.SECONDS)).contains("acknowledged");
        running.tellAll("notifications/tools/list_changed", null).block(); // both have seen the list from now on
        assertThat(bobs.poll(2, TimeUnit.SECONDS))
                .satisfiesAnyOf(
                        line -> assertThat(line).isNull(),
                        line -> assertThat(line).contains("list_changed"));
        carols.poll(2, TimeUnit.SECONDS);

        backend.tools.add("f_read");
        running.tellAll("notifications/tools/list_changed", null).block();

        assertThat(bobs.poll(20, TimeUnit.SECONDS)).contains("notifications/tools/list_changed");
        assertThat(carols).isEmpty();
    }

    @Test
    void whoAmI() throws Exception {
        serve(BOTH);

        for (Era era : Era.values()) {
            Agent bob = agent("bob");
            Answer said = era == Era.MODERN
                    ? bob.send(bob.modern("tools/list", "", "").POST(BodyPublishers.ofString("""
                            {"jsonrpc":"2.0","id":1,"method":"tools/list","params":{%s}}""".formatted(
                                    Agent.META.replace("_meta\":{", "_meta\":{\"dev.mcpmtls/whoami\":true,")))))
                    : ask(era, bob, "tools/list", "", "\"_meta\":{\"dev.mcpmtls/whoami\":true}");
            JsonNode caller = said.json().at("/result/_meta/dev.mcpmtls~1caller");
            assertThat(caller.at("/identity").asString()).isEqualTo("spiffe://demo.local/agent/bob");
            assertThat(caller.at("/assurance").asString()).isEqualTo("VERIFIED");
            assertThat(ask(era, bob, "tools/list", "", "").http().body()).doesNotContain("dev.mcpmtls/caller");
        }
    }

    /** Hundreds of calls, each compared with what a few lines of Java make of rules that were drawn at random. */
    @ParameterizedTest
    @EnumSource(Era.class)
    void decidesAsANaiveEvaluatorDoes(Era era) throws Exception {
        Random random = new Random(era.ordinal() + 7L);
        List<String> names = List.of("alice", "bob");
        List<String> tools = List.of("a_read", "b_delete", "d_echo", "readme", "a");
        for (int round = 0; round < 12; round++) {
            List<Drawn> drawn = Stream.generate(() -> Drawn.at(random)).limit(4).toList();
            StringBuilder text = new StringBuilder("default: " + (round % 3 == 0 ? "permit" : "deny") + "\nrules:\n");
            for (int i = 0; i < drawn.size(); i++) {
                text.append("  - {name: r")
                        .append(i)
                        .append(", ")
                        .append(drawn.get(i).yaml())
                        .append("}\n");
            }
            backend.tools.clear();
            backend.tools.addAll(tools);
            serve(text.toString());
            for (String name : names) {
                Agent agent = agent(name);
                String session = agent.initialize();
                List<String> expected = new ArrayList<>();
                int id = 0;
                for (String tool : tools) {
                    for (int n : List.of(0, 5, 50)) {
                        String arguments = n == 0 ? "" : ",\"arguments\":{\"n\":" + n + "}";
                        boolean permits = Drawn.permits(drawn, round % 3 == 0, name, tool, n);
                        String call = "\"name\":\"" + tool + "\"" + arguments;
                        Answer answer = era == Era.MODERN
                                ? agent.send(agent.modern("tools/call", tool, call))
                                : agent.send(agent.legacy(
                                        session,
                                        "{\"jsonrpc\":\"2.0\",\"id\":" + ++id
                                                + ",\"method\":\"tools/call\",\"params\":{" + call + "}}"));
                        assertThat(answer.status())
                                .as("%s calls %s with %s by%n%s", name, tool, n, text)
                                .isEqualTo(permits ? 200 : 403);
                    }
                    if (Drawn.lists(drawn, round % 3 == 0, name, tool)) {
                        expected.add(tool);
                    }
                }
                assertThat(tools(era, agent)).as("%s by%n%s", name, text).containsExactlyInAnyOrderElementsOf(expected);
            }
            close();
        }
    }

    /** A rule with the few forms that this evaluator knows; a limit below zero is none. */
    private record Drawn(boolean denies, String peer, String pattern, int limit) {

        private static final List<String> PEERS = List.of("*", "alice", "bob", "al*");
        private static final List<String> PATTERNS = List.of("*", "a*", "*_read", "d_echo", "*e*", "a");

        static Drawn at(Random random) {
            return new Drawn(
                    random.nextInt(4) == 0,
                    PEERS.get(random.nextInt(PEERS.size())),
                    PATTERNS.get(random.nextInt(PATTERNS.size())),
                    random.nextInt(3) == 0 ? 10 : -1);
        }

        String yaml() {
            return "effect: " + (denies ? "deny" : "permit") + ", peers: \"spiffe://demo.local/agent/" + peer
                    + "\", tools: \"" + pattern + "\""
                    + (limit < 0 ? "" : ", when: \"call.arguments.n <= " + limit + "\"");
        }

        /** @param n the argument; 0 when there is none */
        boolean matches(String name, String tool, int n) {
            boolean holds = limit < 0 || (n == 0 ? denies : n <= limit);
            return holds && like(peer, name) && like(pattern, tool);
        }

        private static boolean like(String pattern, String text) {
            return text.matches(pattern.replace("*", ".*"));
        }

        /** Whether some arguments might be permitted: in doubt a permit matches and a deny does not. */
        static boolean lists(List<Drawn> rules, boolean byDefault, String name, String tool) {
            return permits(
                    rules.stream()
                            .filter(rule -> rule.limit < 0 || !rule.denies)
                            .map(rule -> new Drawn(rule.denies, rule.peer, rule.pattern, -1))
                            .toList(),
                    byDefault,
                    name,
                    tool,
                    0);
        }

        static boolean permits(List<Drawn> rules, boolean byDefault, String name, String tool, int n) {
            List<Drawn> matching =
                    rules.stream().filter(rule -> rule.matches(name, tool, n)).toList();
            return matching.isEmpty() ? byDefault : matching.stream().noneMatch(Drawn::denies);
        }
    }

    private static java.net.http.HttpRequest.Builder listening(Agent agent) {
        return agent.modern("subscriptions/listen", "", "\"notifications\":{\"toolsListChanged\":true}");
    }

    private static Iterator<String> lines(Agent agent, java.net.http.HttpRequest.Builder request) throws Exception {
        return agent.stream(request).filter(line -> line.startsWith("data: {")).iterator();
    }

    /** The messages of a stream as they come. */
    private static BlockingQueue<String> heard(Agent agent, java.net.http.HttpRequest.Builder request)
            throws Exception {
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
