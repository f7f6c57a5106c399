// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.transport.server.Agent.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Access rules over real connections, in both eras. */
@Timeout(60)
class AccessRulesIT extends RuledServer {

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
}
