// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static dev.mcpmtls.policy.Asking.NOW;
import static dev.mcpmtls.policy.Asking.prompt;
import static dev.mcpmtls.policy.Asking.tool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.policy.FileAccessPolicy.Reload;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAccessPolicyTest {

    private final ThrowawayCa ca = ThrowawayCa.root("CA", NOW);
    private final Peer agent = peer(ca.client("agent"));
    private Instant now = NOW;

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("policy.yaml");
    }

    @Test
    void decidesByTheNamesInTheCertificate() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: r, peers: ['spiffe://demo.local/agent/agent'], tools: a}]");
        assertThat(policy.decide(agent, tool("a")).rule()).contains("r");
        assertThat(policy.decide(peer(ca.client("other")), tool("a"))).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void aDenyMeetsTheSecondNameAndTheKey() throws IOException {
        Issued issued = ca.client("agent", spec -> spec.dns("a.example.com"));
        Peer peer = peer(issued);
        String pin = dev.mcpmtls.identity.PublicKeyPin.of(issued.leaf().getPublicKey())
                .text();
        FileAccessPolicy policy =
                load("default: permit\nrules:\n  - {name: d, effect: deny, peers: ['dns:*.example.com'], tools: a}\n"
                        + "  - {name: p, effect: deny, peers: ['pin:" + pin + "'], tools: b}");
        assertThat(policy.decide(peer, tool("a")).rule()).contains("d");
        assertThat(policy.decide(peer, tool("b")).rule()).contains("p");
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
    }

    @Test
    void whatIsListedIsWhatMayBeCalled() throws IOException {
        FileAccessPolicy policy =
                load("rules: [{name: r, tools: [a, b], when: \"call.tool == 'a' && call.arguments.x == 1\"}]");
        assertThat(policy.mayKnowOf(agent, tool("a"))).isTrue();
        assertThat(policy.mayKnowOf(agent, tool("b"))).isFalse();
        assertThat(policy.mayKnowOf(agent, prompt("a"))).isFalse();
    }

    @Test
    void subjectsOfOnePeerShareItsRate() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: r, tools: a, rate: 3/min}]");
        List<Decision> decided = new ArrayList<>();
        for (int subject = 0; subject < 100; subject++) {
            AccessToken token = new AccessToken(
                    "https://login.test", "s" + subject, Optional.empty(), Set.of(), NOW.plusSeconds(60), true);
            decided.add(policy.decide(agent, tool("a").bearing(Optional.of(token))));
        }
        assertThat(decided).filteredOn(Decision.Permit.class::isInstance).hasSize(3);
        assertThat(policy.decide(agent, tool("a"))).isNotInstanceOf(Decision.Permit.class);
        assertThat(policy.decide(peer(ca.client("other")), tool("a"))).isInstanceOf(Decision.Permit.class);
    }

    @Test
    void aRateIsForEachPeerAndListsTakeNothing() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: r, tools: a, rate: 2/min}]");
        for (int i = 0; i < 5; i++) {
            assertThat(policy.mayKnowOf(agent, tool("a"))).isTrue();
        }
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
        assertThat(policy.decide(peer(ca.client("agent")), tool("a")))
                .as("another connection")
                .isInstanceOf(Decision.Permit.class);
        Decision.Deny deny = (Decision.Deny) policy.decide(agent, tool("a"));
        assertThat(deny.retryAfter()).contains(Duration.ofSeconds(30));
        assertThat(deny.isRateLimited()).isTrue();
        assertThat(deny.rule()).contains("r");
        assertThat(deny.why()).isEqualTo("rule 'r' permits 2/min to each peer");
        assertThat(policy.mayKnowOf(agent, tool("a"))).isTrue();
        assertThat(policy.decide(peer(ca.client("other")), tool("a"))).isInstanceOf(Decision.Permit.class);
        now = NOW.plusSeconds(30);
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
    }

    @Test
    void onePermitWithACallLeftIsEnough() throws IOException {
        FileAccessPolicy policy =
                load("rules:\n  - {name: r, tools: a, rate: 1/min}\n  - {name: s, tools: '*', rate: 1/h}");
        assertThat(policy.decide(agent, tool("a")).rule()).contains("r");
        assertThat(policy.decide(agent, tool("a")).rule()).contains("s");
        Decision.Deny deny = (Decision.Deny) policy.decide(agent, tool("a"));
        assertThat(deny.retryAfter()).contains(Duration.ofMinutes(1));
        assertThat(deny.rule()).contains("r");
    }

    @Test
    void aDeniedCallTakesNothing() throws IOException {
        FileAccessPolicy policy = load("rules:\n"
                + "  - {name: r, tools: a, rate: 1/min}\n"
                + "  - {name: d, effect: deny, tools: a, when: call.arguments.x == 1}");
        assertThat(policy.decide(agent, tool("a", java.util.Map.of("x", 1))).rule())
                .contains("d");
        assertThat(policy.decide(agent, tool("a", java.util.Map.of("x", 2)))).isInstanceOf(Decision.Permit.class);
    }

    @Test
    void inShadowModeARateIsOnlyRecorded() throws IOException {
        FileAccessPolicy policy = load("mode: shadow\nrules: [{name: r, tools: a, rate: 1/min}]");
        assertThat(((Decision.Permit) policy.decide(agent, tool("a"))).would()).isEmpty();
        assertThat(((Decision.Permit) policy.decide(agent, tool("a")))
                        .would()
                        .orElseThrow()
                        .isRateLimited())
                .isTrue();
    }

    @Test
    void everyPeerMayAlwaysAskWhatThereIs() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: r, methods: ['*'], rate: 1/h}]");
        for (int i = 0; i < 3; i++) {
            assertThat(policy.decide(agent, Asking.method("tools/list")).rule()).contains("r");
        }
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void aReloadReplacesTheRules() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: r, tools: a}]");
        assertThat(policy.reload()).isInstanceOf(Reload.Unchanged.class);
        assertThat(policy.mayKnowOf(agent, tool("b"))).isFalse();
        Files.writeString(file, "rules: [{name: s, tools: b}]");
        Reload.Replaced replaced = (Reload.Replaced) policy.reload();
        assertThat(replaced.previous().ruleNames()).containsExactly("r");
        assertThat(replaced.current().ruleNames()).containsExactly("s");
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Deny.class);
        assertThat(policy.decide(agent, tool("b")).rule()).contains("s");
    }

    @Test
    void aBrokenOrDeletedFileKeepsTheLastGoodRules() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: r, tools: a}]");
        Files.writeString(file, "rules: [{name: r, toools: a}]");
        assertThat(((Reload.Kept) policy.reload()).why()).hasMessageContaining("did you mean 'tools'?");
        assertThat(policy.broken()).isPresent();
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
        Files.delete(file);
        assertThat(((Reload.Kept) policy.reload()).why()).hasMessageContaining("there is no such file");
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
        Files.writeString(file, "rules: [{name: r, tools: a}]");
        assertThat(policy.reload()).isInstanceOf(Reload.Unchanged.class);
        assertThat(policy.broken()).isEmpty();
    }

    @Test
    void aFileThatEndsWithAMarkIsReplacedByOneThatDoes() throws IOException {
        FileAccessPolicy policy = load("default: permit\nrules:\n  - {name: r, effect: deny, tools: a}\n...\n");
        Files.writeString(file, "default: permit\nrules:\n  - {name: s, effect: deny, tools: b}\n");
        assertThat(((Reload.Kept) policy.reload()).why()).hasMessageContaining("half written");
        assertThat(policy.broken()).isPresent();
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Deny.class);
        Files.writeString(file, "default: permit\nrules:\n  - {name: s, effect: deny, tools: b}\n...\n");
        assertThat(policy.reload()).isInstanceOf(Reload.Replaced.class);
        assertThat(policy.broken()).isEmpty();
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
        Files.writeString(file, "default: permit\nrules:\n  - {name: t, effect: deny, tools: c}\n...");
        assertThat(policy.reload()).isInstanceOf(Reload.Replaced.class);
    }

    @Test
    void aFileWithoutAMarkMayBeReplacedByAnyOther() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: '...', tools: a}]\n");
        Files.writeString(file, "rules: [{name: r, tools: a}]\n...\n");
        assertThat(policy.reload()).isInstanceOf(Reload.Replaced.class);
    }

    @Test
    void aReloadRefillsNoBucket() throws IOException {
        FileAccessPolicy policy = load("rules: [{name: r, tools: a, rate: 1/h}]");
        policy.decide(agent, tool("a"));
        Files.writeString(file, "# touched\nrules: [{name: r, tools: a, rate: 1/h}]");
        assertThat(policy.reload()).isInstanceOf(Reload.Replaced.class);
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void callsInShadowCountAgainstNoRateThatIsEnforced() throws IOException {
        FileAccessPolicy policy = load("mode: shadow\nrules: [{name: r, tools: a, rate: 1/h}]");
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
        assertThat(policy.decide(agent, tool("a")))
                .isInstanceOfSatisfying(
                        Decision.Permit.class,
                        permit -> assertThat(permit.would().orElseThrow().isRateLimited())
                                .isTrue());
        Files.writeString(file, "rules: [{name: r, tools: a, rate: 1/h}]");
        assertThat(policy.reload()).isInstanceOf(Reload.Replaced.class);
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Permit.class);
        assertThat(policy.decide(agent, tool("a"))).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void aBrokenFileIsNotLoaded() {
        assertThatExceptionOfType(BadPolicyException.class).isThrownBy(() -> load("rules: []"));
        assertThatExceptionOfType(BadPolicyException.class)
                .isThrownBy(() -> FileAccessPolicy.load(directory.resolve("none")));
    }

    @Test
    void onlyALoopMayTakeLong() throws IOException {
        FileAccessPolicy policy = load("rules:\n"
                + "  - {name: r, tools: a, when: \"call.arguments.x.all(i, i > 0)\"}\n"
                + "  - {name: s, tools: b, when: call.arguments.x > 0}");
        assertThat(policy.mayTakeLong(agent, tool("a"))).isTrue();
        assertThat(policy.mayTakeLong(agent, tool("b"))).isFalse();
    }

    @Test
    void aNameThatIsTooLongTakesNoTime() throws IOException {
        FileAccessPolicy policy =
                load("rules:\n  - {name: r, tools: \"a*\", when: \"call.arguments.x.all(i, i > 0)\"}");
        Call endless = tool("a".repeat(5000));
        assertThat(policy.mayTakeLong(agent, endless)).isFalse();
        assertThat(policy.decide(agent, endless)).isInstanceOf(Decision.Deny.class);
    }

    private FileAccessPolicy load(String text) throws IOException {
        return FileAccessPolicy.load(Files.writeString(file, text), () -> now);
    }

    private Peer peer(Issued issued) {
        ChainVerifier verifier =
                new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), () -> NOW);
        Verdict verdict = verifier.verifyClient(new Chain(issued.chain()));
        assertThat(verdict).as("%s", verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).peer();
    }
}
