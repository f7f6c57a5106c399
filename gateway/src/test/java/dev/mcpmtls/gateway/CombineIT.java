// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.combine.CombinedBackend;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.pins.ToolsLock;
import dev.mcpmtls.transport.server.backend.Backend;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several servers at one endpoint, one of which is down. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class CombineIT {

    private static final String RULES = """
            rules:
              - {name: alice, peers: ["spiffe://demo.local/agent/alice"], methods: ["*"]}
              - {name: reads, peers: ["spiffe://demo.local/agent/bob"], servers: [files], tools: ["*_read"], prompts: [report]}
              - {name: docs, peers: ["spiffe://demo.local/agent/bob"], servers: [notes, files], resources: ["file:///srv/docs/**"]}
              - {name: say, peers: ["spiffe://demo.local/agent/bob"], servers: [fix], tools: [say]}
              - {name: no-drops, effect: deny, servers: [files], tools: ["drop_*"]}
            """;

    @TempDir
    private Path directory;

    private Front front;

    private enum Era {
        LEGACY,
        MODERN
    }

    @BeforeEach
    void serve() throws Exception {
        FileAccessPolicy rules = FileAccessPolicy.load(Files.writeString(directory.resolve("policy.yaml"), RULES));
        CombinedBackend[] made = new CombinedBackend[1];
        front = Front.of(
                gateway -> {
                    Map<String, Backend> members = new LinkedHashMap<>();
                    members.put(
                            "gone",
                            gateway.url(
                                    "gone",
                                    URI.create("http://127.0.0.1:1/mcp"),
                                    Map::of,
                                    Optional.empty(),
                                    Duration.ofMinutes(5),
                                    Duration.ofSeconds(5)));
                    members.put("files", command(gateway, "files", "offer.mjs"));
                    members.put("notes", command(gateway, "notes", "offer.mjs"));
                    members.put("fix", command(gateway, "fix", "server.mjs"));
                    made[0] = new CombinedBackend("all-in-one", members);
                    return made[0];
                },
                settings -> settings.name("all-in-one"),
                () -> made[0].over(rules));
    }

    private Backend command(Gateway gateway, String name, String fixture) {
        ServerCommand command = new ServerCommand(
                List.of("node", Front.fixture(fixture).toString()),
                Map.of("RECEIVED", received(name).toString()),
                Set.of(),
                Optional.empty());
        return gateway.command(
                name,
                command,
                new ProcessOptions(ProcessMode.PER_SESSION, 8, Duration.ofMinutes(5), Duration.ofSeconds(60)));
    }

    private Path received(String name) {
        return directory.resolve(name);
    }

    @AfterEach
    void close() {
        front.close();
    }

    private Agent client(Era era, String name) throws Exception {
        Agent agent = front.agent(name);
        if (era == Era.LEGACY) {
            agent.initialize();
        }
        return agent;
    }

    private static Answer ask(Era era, Agent agent, String method, String name, String params) throws Exception {
        return era == Era.MODERN
                ? agent.modern(method, name, params)
                : agent.post(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + params + "}}");
    }

    private static Answer call(Era era, Agent agent, String tool) throws Exception {
        return ask(era, agent, "tools/call", tool, "\"name\":\"" + tool + "\",\"arguments\":{\"n\":1.50}");
    }

    private static List<String> names(Era era, Agent agent, String method, String member, String key) throws Exception {
        Answer answer = ask(era, agent, method, "", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        List<String> names = new ArrayList<>();
        answer.json()
                .at("/result/" + member)
                .forEach(item -> names.add(item.get(key).asString()));
        return names;
    }

    @ParameterizedTest
    @EnumSource
    void listsAreMergedUnderPrefixedNamesAndTheServerThatIsDownHidesNone(Era era) throws Exception {
        Agent alice = client(era, "alice");
        assertThat(names(era, alice, "tools/list", "tools", "name"))
                .contains("files__b_read", "notes__b_read", "fix__say")
                .hasSize(17);
        assertThat(ask(era, alice, "tools/list", "", "").text())
                .contains("{ \"weight\":1.0, \"name\":\"notes__drop_all\", \"e\":\"\\u00e9\\/\"");
        assertThat(names(era, alice, "prompts/list", "prompts", "name"))
                .containsExactly("files__report", "files__secret", "notes__report", "notes__secret");
        // Equal URIs are those of the server that is named first.
        assertThat(names(era, alice, "resources/list", "resources", "uri"))
                .containsExactly("file:///srv/docs/a", "file:///srv/keys/k");
        assertThat(names(era, alice, "resources/templates/list", "resourceTemplates", "uriTemplate"))
                .hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void callsReachTheServerThatTheNameSaysUnderItsOwnName(Era era) throws Exception {
        Agent alice = client(era, "alice");
        assertThat(call(era, alice, "notes__order").status()).isEqualTo(200);
        assertThat(ask(era, alice, "prompts/get", "notes__report", "\"name\":\"notes__report\"")
                        .status())
                .isEqualTo(200);
        assertThat(ask(
                                era,
                                alice,
                                "completion/complete",
                                "",
                                "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"notes__report\"},\"argument\":{\"name\":\"a\",\"value\":\"b\"}")
                        .text())
                .contains("\"values\":[\"x\"]");
        assertThat(Files.readString(received("notes")))
                .contains("\"name\":\"order\",\"arguments\":{\"n\":1.50}", "prompts/get", "\"name\":\"report\"}")
                .doesNotContain("notes__");
        assertThat(Files.exists(received("files")) ? Files.readString(received("files")) : "")
                .doesNotContain("tools/call");
        assertThat(front.events())
                .filteredOn(AuditEvent.CallDecided.class::isInstance)
                .extracting(event -> ((AuditEvent.CallDecided) event).call().toString())
                .contains("Call[server=all-in-one, method=tools/call, target=notes__order]");
    }

    @ParameterizedTest
    @EnumSource
    void namesOfNoServerAndThoseOfOneThatIsDownAreErrors(Era era) throws Exception {
        Agent alice = client(era, "alice");
        for (String tool : List.of("order", "crm__order", "__order", "files__", "files_order")) {
            Answer answer = call(era, alice, tool);
            assertThat(answer.text()).as(tool).contains("-32602", "is not known", "gone, files, notes, fix");
        }
        assertThat(call(era, alice, "gone__order").text()).contains("the server gone");
        assertThat(call(era, alice, "fix__a__b").text()).contains("no such tool"); // a name that holds the separator
        assertThat(ask(era, alice, "nothing/known", "", "").text()).contains("-32601");
    }

    @ParameterizedTest
    @EnumSource
    void theRulesOfEachServerHoldForItsNames(Era era) throws Exception {
        Agent bob = client(era, "bob");
        assertThat(names(era, bob, "tools/list", "tools", "name"))
                .containsExactly("files__b_read", "files__a_read", "fix__say");
        assertThat(names(era, bob, "prompts/list", "prompts", "name")).containsExactly("files__report");
        assertThat(names(era, bob, "resources/list", "resources", "uri")).containsExactly("file:///srv/docs/a");
        assertThat(call(era, bob, "files__a_read").status()).isEqualTo(200);
        assertThat(call(era, bob, "notes__a_read").status()).isEqualTo(403);
        assertThat(call(era, bob, "fix__env").status()).isEqualTo(403);
        assertThat(call(era, client(era, "alice"), "files__drop_all").text()).contains("no-drops");
        assertThat(ask(era, bob, "resources/read", "file:///srv/keys/k", "\"uri\":\"file:///srv/keys/k\"")
                        .status())
                .isEqualTo(403);
        assertThat(ask(era, bob, "resources/read", "file:///srv/docs/a", "\"uri\":\"file:///srv/docs/a\"")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aResourceThatNoServerListedNeedsThePermissionOfAll() throws Exception {
        Agent bob = client(Era.LEGACY, "bob");
        String read = "\"uri\":\"file:///srv/docs/unlisted\"";
        assertThat(ask(Era.LEGACY, bob, "resources/read", "", read).status()).isEqualTo(403);
        Agent alice = client(Era.LEGACY, "alice");
        assertThat(ask(Era.LEGACY, alice, "resources/read", "", read).status()).isEqualTo(200);
        // The first that answered has it from now on, and its rules count.
        assertThat(ask(Era.LEGACY, bob, "resources/read", "", read).status()).isEqualTo(200);
        assertThat(Files.readString(received("notes"))).doesNotContain("resources/read");
    }

    @Test
    void questionsAndNotificationsOfEachServerFindTheirClientAndTheAnswersTheirServer() throws Exception {
        Agent alice = client(Era.LEGACY, "alice");
        Iterator<String> asked = alice.stream(Agent.legacyCall(7, "fix__ask"));
        String question = asked.next();
        assertThat(question).contains("elicitation/create", "\"id\":\"fix/1\"");
        assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"gone/1\",\"result\":{}}")
                        .status())
                .isEqualTo(400);
        alice.post("{\"jsonrpc\":\"2.0\",\"id\":\"fix/1\",\"result\":{\"action\":\"accept\",\"content\":{\"w\":1.0}}}");
        assertThat(asked.next()).contains("accept");

        Iterator<String> own = alice.listen();
        assertThat(ask(Era.LEGACY, alice, "resources/list", "", "").status()).isEqualTo(200);
        ask(Era.LEGACY, alice, "resources/subscribe", "", "\"uri\":\"file:///srv/docs/a\"");
        assertThat(own.next()).contains("notifications/resources/updated");
        assertThat(Files.readString(received("files"))).contains("resources/subscribe");

        assertThat(call(Era.LEGACY, alice, "fix__log").messages().get(0)).contains("notifications/message");
        assertThat(ask(Era.LEGACY, alice, "logging/setLevel", "", "\"level\":\"error\"")
                        .text())
                .contains("\"result\":{}");
        assertThat(ask(Era.LEGACY, alice, "ping", "", "").text()).contains("\"result\":{}");
    }

    @ParameterizedTest
    @EnumSource
    void theIntroductionHasEverythingThatAnyOffers(Era era) throws Exception {
        Agent alice = front.agent("alice");
        Answer hello = era == Era.LEGACY ? alice.initialize() : alice.modern("server/discover", "", "");
        assertThat(hello.json().at("/result/capabilities/tools/listChanged").asBoolean())
                .isTrue();
        assertThat(hello.json().at("/result/capabilities/prompts").isObject()).isTrue();
        assertThat(hello.json().at("/result/capabilities/completions").isObject())
                .isTrue();
        assertThat(hello.json().at("/result/capabilities/resources/subscribe").asBoolean())
                .isTrue();
        assertThat(hello.json().at("/result/instructions").asString()).contains("fix__", "be kind");
    }

    @Test
    void aNameThatCouldBeReadAsAnothersIsNoMember() {
        for (String name : List.of("a__b", "a_", "")) {
            assertThatThrownBy(() -> new CombinedBackend("all", Map.of(name, new CombinedBackend("x", Map.of()))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(CombinedBackend.isMember("a_b")).isTrue();
    }

    /** Two servers that list their tools on several pages each. */
    private Front paged(Optional<Path> lock) throws Exception {
        Map<String, Integer> pages = new LinkedHashMap<>();
        pages.put("one", 1);
        pages.put("three", 3);
        for (Map.Entry<String, Integer> server : pages.entrySet()) {
            List<String> listed = new ArrayList<>();
            for (int page = 0; page < server.getValue(); page++) {
                listed.add(
                        "[{\"name\":\"t" + page + "\",\"inputSchema\":{}},{\"name\":\"announce\",\"inputSchema\":{}}]");
            }
            Files.writeString(
                    directory.resolve(server.getKey() + ".json"), "{\"pages\":[" + String.join(",", listed) + "]}");
        }
        return Front.of(gateway -> {
            Map<String, Backend> members = new LinkedHashMap<>();
            for (String name : pages.keySet()) {
                lock.ifPresent(file -> gateway.pin(name, file, false, change -> {}));
                ServerCommand command = new ServerCommand(
                        List.of("node", Front.fixture("offer-file.mjs").toString()),
                        Map.of("OFFER", directory.resolve(name + ".json").toString()),
                        Set.of(),
                        Optional.empty());
                members.put(
                        name,
                        gateway.command(
                                name,
                                command,
                                new ProcessOptions(
                                        ProcessMode.PER_SESSION, 8, Duration.ofMinutes(5), Duration.ofSeconds(60))));
            }
            return new CombinedBackend("both", members);
        });
    }

    @ParameterizedTest
    @EnumSource
    void pagesOfAllServersAreReadToTheEnd(Era era) throws Exception {
        try (Front both = paged(Optional.empty())) {
            Agent alice = both.agent("alice");
            if (era == Era.LEGACY) {
                alice.initialize();
            }
            List<String> pages = new ArrayList<>();
            String cursor = "";
            do {
                Answer page =
                        ask(era, alice, "tools/list", "", cursor.isEmpty() ? "" : "\"cursor\":\"" + cursor + "\"");
                List<String> names = new ArrayList<>();
                page.json()
                        .at("/result/tools")
                        .forEach(tool -> names.add(tool.get("name").asString()));
                pages.add(String.join(" ", names));
                cursor = page.json().at("/result/nextCursor").asString("");
            } while (!cursor.isEmpty());
            assertThat(pages)
                    .containsExactly(
                            "one__t0 one__announce three__t0 three__announce",
                            "three__t1 three__announce",
                            "three__t2 three__announce");
            assertThat(ask(era, alice, "tools/list", "", "\"cursor\":\"bm90IG91cnM\"")
                            .text())
                    .contains("-32602", "cursor");
        }
    }

    @Test
    void aChangeThatOneServerAnnouncesReachesTheClientAndPinsHoldInside() throws Exception {
        Path lock = directory.resolve("tools.lock");
        Object other = Map.of("name", "t0", "inputSchema", Map.of("type", "object"));
        ToolsLock.update(lock, "one", none -> ToolPins.approving("one", Optional.empty(), List.of(other)));
        try (Front both = paged(Optional.of(lock))) {
            Agent alice = both.agent("alice");
            alice.initialize();
            assertThat(names(Era.LEGACY, alice, "tools/list", "tools", "name"))
                    .containsExactly("three__t0", "three__announce");
            assertThat(call(Era.LEGACY, alice, "one__t0").status()).isEqualTo(403);
            assertThat(call(Era.LEGACY, alice, "three__t0").said()).isEqualTo("ran t0");

            Iterator<String> told = alice.listen();
            call(Era.LEGACY, alice, "three__announce");
            assertThat(told.next()).contains("notifications/tools/list_changed");
        }
    }

    @Test
    void aCancellationReachesTheServerOfTheCall() throws Exception {
        Agent alice = client(Era.LEGACY, "alice");
        var slow = alice.postAsync(Agent.legacyCall(9, "fix__slow"));
        assertThat(Front.comesTrue(() -> front.events().stream()
                        .anyMatch(event -> event.toString().contains("fix__slow"))))
                .isTrue();
        assertThat(Front.comesTrue(() -> {
                    try {
                        alice.post(
                                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":9,\"reason\":\"x\"}}");
                        return call(Era.LEGACY, alice, "fix__state").text().contains("\"reason\":\"x\"");
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .isTrue();
        slow.cancel(true);
    }
}
