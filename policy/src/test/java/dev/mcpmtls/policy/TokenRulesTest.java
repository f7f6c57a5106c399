// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.decide;
import static dev.mcpmtls.policy.Asking.lists;
import static dev.mcpmtls.policy.Asking.permits;
import static dev.mcpmtls.policy.Asking.policy;
import static dev.mcpmtls.policy.Asking.problems;
import static dev.mcpmtls.policy.Asking.tool;
import static dev.mcpmtls.policy.Asking.verdict;
import static dev.mcpmtls.policy.Asking.warnings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules about the access token that a call is made with. */
class TokenRulesTest {

    private static final String OURS = "https://login.test";
    private static final String THEIRS = "https://other.test";

    private static Call by(String issuer, String subject, String... scopes) {
        AccessToken token = new AccessToken(
                issuer, subject, Optional.of("planner"), Set.of(scopes), Asking.NOW.plusSeconds(60), true);
        return tool("read").bearing(Optional.of(token));
    }

    @Test
    void aSubjectIsThatOfItsIssuerAlone() {
        Policy rules = policy("rules:", "  - {name: r, subjects: ['https://login.test#svc-*'], tools: read}");

        assertThat(permits(rules, by(OURS, "svc-1"))).isTrue();
        assertThat(lists(rules, by(OURS, "svc-1"))).isTrue();
        assertThat(permits(rules, by(THEIRS, "svc-1"))).isFalse();
        assertThat(permits(rules, by(OURS, "alice"))).isFalse();
        assertThat(permits(rules, by(OURS + "#svc-", "alice"))).isFalse();
        assertThat(permits(rules, tool("read"))).isFalse();
        assertThat(lists(rules, tool("read"))).isFalse();
    }

    @Test
    void aDenyNamesSubjectsToo() {
        Policy rules = policy(
                "default: permit",
                "rules:",
                "  - {name: no, effect: deny, subjects: ['https://login.test#mallory'], tools: '*'}");

        assertThat(verdict(rules, by(OURS, "mallory"))).isEqualTo("deny no");
        assertThat(verdict(rules, by(THEIRS, "mallory"))).isEqualTo("permit");
        assertThat(verdict(rules, tool("read"))).isEqualTo("permit");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"alice", "https://login.test", "https://login.test#", "#alice", "login.test#alice", "https://*#a"
            })
    void aSubjectWithoutItsIssuerIsAnError(String pattern) {
        assertThat(problems("rules: [{name: r, subjects: ['" + pattern + "'], tools: a}]"))
                .singleElement()
                .asString()
                .startsWith("policy.yaml:1:")
                .contains("issuer");
    }

    @Test
    void aTokenThatLacksScopesIsToldWhich() {
        Policy rules = policy("rules:", "  - {name: w, scopes: ['files:write', 'files:read'], tools: read}");

        assertThat(permits(rules, by(OURS, "alice", "files:read", "files:write", "x")))
                .isTrue();
        assertThat(decide(rules, Asking.COORDINATOR, by(OURS, "alice", "files:read")))
                .isInstanceOfSatisfying(Decision.Deny.class, deny -> {
                    assertThat(deny.scopes()).containsExactlyInAnyOrder("files:read", "files:write");
                    assertThat(deny.rule()).contains("w");
                    assertThat(deny.why()).contains("files:read files:write");
                });
        assertThat(lists(rules, by(OURS, "alice", "files:read"))).isFalse();
        assertThat(permits(rules, tool("read"))).isFalse();
    }

    @Test
    void noScopeHelpsWhereNothingElseMatches() {
        Policy rules = policy(
                "rules:",
                "  - {name: w, peers: 'dns:x', scopes: s, tools: read}",
                "  - {name: o, scopes: s, tools: other}");

        assertThat(decide(rules, Asking.COORDINATOR, by(OURS, "alice")))
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.scopes()).isEmpty());
    }

    @Test
    void aDenyWithScopesIsForTokensThatHaveThem() {
        Policy rules = policy("default: permit", "rules:", "  - {name: d, effect: deny, scopes: guest, tools: read}");

        assertThat(verdict(rules, by(OURS, "a", "guest"))).isEqualTo("deny d");
        assertThat(verdict(rules, by(OURS, "a"))).isEqualTo("permit");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "token.issuer == 'https://login.test' && token.subject == 'alice'",
                "'read' in token.scopes && token.client == 'planner'",
                "token.scopes.exists(s, s.startsWith('re'))",
                "token.present",
            })
    void aConditionReadsTheToken(String when) {
        Policy rules = policy("rules:", "  - {name: r, tools: read, when: \"" + when + "\"}");

        assertThat(permits(rules, by(OURS, "alice", "read"))).isTrue();
        assertThat(lists(rules, by(OURS, "alice", "read"))).isTrue();
        assertThat(permits(rules, tool("read"))).isFalse();
    }

    @Test
    void aConditionOnATokenThatIsNotThereFails() {
        Policy permit = policy("rules:", "  - {name: r, tools: read, when: token.subject != 'alice'}");
        Policy deny = policy(
                "default: permit",
                "rules:",
                "  - {name: d, effect: deny, tools: read, when: token.subject == 'alice'}");
        Policy asking = policy(
                "default: permit",
                "rules:",
                "  - {name: d, effect: deny, tools: read, when: token.present && token.subject == 'alice'}");

        assertThat(decide(permit, Asking.COORDINATOR, tool("read")))
                .isInstanceOfSatisfying(
                        Decision.Deny.class,
                        denied -> assertThat(denied.failed()).containsExactly("r"));
        assertThat(verdict(deny, tool("read"))).isEqualTo("deny d");
        assertThat(verdict(asking, tool("read"))).isEqualTo("permit");
        assertThat(verdict(asking, by(OURS, "alice"))).isEqualTo("deny d");
    }

    @Test
    void aMisspeltVariableIsAnError() {
        assertThat(problems("rules: [{name: r, tools: a, when: token.subjct == 'a'}]"))
                .singleElement()
                .asString()
                .contains("did you mean 'token.subject'?");
    }

    @Test
    void warnsOfASubjectWithoutItsIssuer() {
        assertThat(warnings(Inventory.unknown(), "rules: [{name: r, tools: a, when: token.subject == 'a'}]"))
                .singleElement()
                .asString()
                .contains("unique only within its issuer");
        assertThat(warnings(
                        Inventory.unknown(),
                        "rules: [{name: r, tools: a, when: \"token.subject == 'a' && token.issuer == 'b'\"}]"))
                .isEmpty();
        assertThat(warnings(
                        Inventory.unknown(),
                        "rules: [{name: r, tools: a, subjects: 'https://b.test#*', when: token.subject == 'a'}]"))
                .isEmpty();
    }

    @Test
    void aRuleForFewerSubjectsOrMoreScopesShadowsNoOther() {
        assertThat(warnings(Inventory.unknown(), "rules: [{name: e, tools: a, scopes: s}, {name: r, tools: a}]"))
                .isEmpty();
        assertThat(warnings(
                        Inventory.unknown(),
                        "rules: [{name: e, tools: a, subjects: 'https://b.test#x'}, {name: r, tools: a}]"))
                .isEmpty();
        assertThat(warnings(Inventory.unknown(), "rules: [{name: e, tools: a}, {name: r, tools: a, scopes: s}]"))
                .singleElement()
                .asString()
                .contains("'e' before it matches");
    }

    @Test
    void saysWhyARuleDoesNotMatch() {
        Policy rules = policy(
                "rules:",
                "  - {name: s, subjects: ['https://login.test#bob'], tools: read}",
                "  - {name: w, scopes: write, tools: read}");
        List<String> why = rules.explain(Asking.COORDINATOR, by(OURS, "alice"), Asking.NOW).considered().stream()
                .map(Explanation.Considered::why)
                .toList();
        List<String> without = rules.explain(Asking.COORDINATOR, tool("read"), Asking.NOW).considered().stream()
                .map(Explanation.Considered::why)
                .toList();

        assertThat(why)
                .containsExactly(
                        "subjects: none matches https://login.test#alice",
                        "scopes: the access token lacks one of write");
        assertThat(without.get(0)).isEqualTo("subjects: the call is made without an access token");
    }

    @Test
    void casesNameTokens() {
        Policy rules =
                policy("rules:", "  - {name: r, subjects: ['https://login.test#alice'], scopes: s, tools: read}");
        String text = """
            cases:
              - {peer: 'dns:x', server: w, tool: read, issuer: 'https://login.test', subject: alice, scopes: [s], expect: permit}
              - {peer: 'dns:x', server: w, tool: read, issuer: 'https://login.test', subject: bob, scopes: [s], expect: deny}
              - {peer: 'dns:x', server: w, tool: read, expect: deny}
            """;

        assertThat(Cases.parse("cases.yaml", text, Callers::named).test(rules, Asking.NOW))
                .allSatisfy(result -> assertThat(result.difference()).isEmpty());
        assertThatThrownBy(() -> Cases.parse(
                        "cases.yaml",
                        "cases: [{peer: 'dns:x', server: w, tool: t, subject: a, expect: deny}]",
                        Callers::named))
                .hasMessageContaining("issuer");
    }
}
