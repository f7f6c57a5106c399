// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static dev.mcpmtls.auditlog.EventFixture.CONNECTION;
import static dev.mcpmtls.auditlog.EventFixture.NOW;
import static dev.mcpmtls.auditlog.EventFixture.STRICT;
import static dev.mcpmtls.auditlog.EventFixture.accepted;
import static dev.mcpmtls.auditlog.EventFixture.fields;
import static dev.mcpmtls.auditlog.EventFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TaskEnded.End;
import dev.mcpmtls.audit.Trace;
import dev.mcpmtls.auditlog.Wording.Worded;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CallFieldsTest {

    private static final AccessToken TOKEN =
            new AccessToken("https://login.test", "alice", Optional.of("planner"), Set.of("read"), NOW, true);

    @Test
    void putsACallIntoWordsOnce() {
        Wording wording = new Wording();
        AuditEvent call = call(NOW, accepted(STRICT), new Decision.Permit());

        Worded first = wording.of(call, "mcp-mtls");

        Worded later = wording.of(call(NOW.plusSeconds(1), peerOf(call), new Decision.Permit()), "mcp-mtls");
        assertThat(later.words()).isSameAs(first.words());
        assertThat(later.counterpart()).isSameAs(first.counterpart());
        assertThat(later.at()).isEqualTo(NOW.plusSeconds(1));
    }

    @Test
    void namesTheTraceOfACallAndNoneWhereThereIsNone() {
        Wording wording = new Wording();
        Peer caller = accepted(STRICT);
        AuditEvent.CallDecided plain = call(NOW, caller, new Decision.Permit());
        AuditEvent traced = new AuditEvent.CallDecided(
                NOW,
                CONNECTION,
                caller,
                plain.call(),
                plain.decision(),
                Trace.of("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"));

        assertThat(text(wording.of(traced, "mcp-mtls")))
                .contains("\"trace.id\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"span.id\":\"00f067aa0ba902b7\"");
        assertThat(text(wording.of(plain, "mcp-mtls")))
                .doesNotContain("trace.id")
                .doesNotContain("span.id");
    }

    @Test
    void putsACallIntoOtherWordsWhenAnythingOfItDiffers() {
        Wording wording = new Wording();
        Peer strict = accepted(STRICT);
        Peer relaxed = accepted(TrustPolicy.relaxed(TrustAnchors.none(), Relaxation.UNTRUSTED_ISSUER));
        Call other = new Call("echo-mcp", "tools/call", "other");
        wording.of(call(NOW, strict, new Decision.Permit()), "mcp-mtls");

        assertThat(text(wording.of(call(NOW, relaxed, new Decision.Permit()), "mcp-mtls")))
                .contains("CLAIMED")
                .doesNotContain("VERIFIED");
        assertThat(text(wording.of(call(NOW, strict, new Decision.Deny("no rule")), "mcp-mtls")))
                .contains("call-denied", "no rule", "VERIFIED");
        assertThat(text(wording.of(
                        new AuditEvent.CallDecided(NOW, CONNECTION, strict, other, new Decision.Permit()), "mcp-mtls")))
                .contains("tools/call other permitted");
        assertThat(text(wording.of(call(NOW, strict, new Decision.Permit()), "another")))
                .contains("\"service.name\":\"another\"");
    }

    @Test
    void namesTheRuleThatDecidesACallAndThoseThatFailed() {
        Peer peer = accepted(STRICT);

        assertThat(fields(call(
                        NOW, peer, new Decision.Permit(Optional.of("reads"), Optional.empty(), List.of("broken")))))
                .containsEntry("event.action", "call-permitted")
                .containsEntry("rule.name", "reads")
                .containsEntry("mcp_mtls.failed_rules", "broken")
                .doesNotContainKeys("mcp_mtls.would", "event.reason");
        assertThat(fields(call(NOW, peer, denied(Optional.empty()))))
                .containsEntry("event.action", "call-denied")
                .containsEntry("event.reason", "DENIED_BY_POLICY")
                .containsEntry("rule.name", "no-deletes")
                .doesNotContainKey("mcp_mtls.would");
        assertThat(fields(call(NOW, peer, denied(Optional.of(Duration.ofSeconds(2))))))
                .containsEntry("event.reason", "RATE_LIMITED");
        assertThat(fields(call(NOW, peer, new Decision.Permit())))
                .doesNotContainKeys("rule.name", "mcp_mtls.failed_rules");
    }

    @Test
    void saysInShadowModeWhatEnforcingWouldDo() {
        Peer peer = accepted(STRICT);

        assertThat(fields(call(NOW, peer, shadowed(denied(Optional.empty())))))
                .containsEntry("event.action", "call-permitted")
                .containsEntry("event.reason", "WOULD_BE_DENIED")
                .containsEntry("rule.name", "no-deletes")
                .containsEntry("mcp_mtls.would", "deny");
        assertThat(fields(call(NOW, peer, shadowed(denied(Optional.of(Duration.ofSeconds(2)))))))
                .containsEntry("mcp_mtls.would", "rate-limit");
    }

    @Test
    void hasBothIdentitiesOfACallThatIsMadeWithAToken() {
        Peer peer = accepted(STRICT);
        Wording wording = new Wording();

        assertThat(fields(called(peer, Optional.of(TOKEN))))
                .containsEntry("mcp_mtls.token.issuer", "https://login.test")
                .containsEntry("mcp_mtls.token.subject", "alice")
                .containsEntry("mcp_mtls.token.client", "planner")
                .containsEntry("mcp_mtls.token.bound", "true");
        assertThat(fields(called(peer, Optional.empty())))
                .noneSatisfy((name, value) -> assertThat(name).startsWith("mcp_mtls.token"));
        // The same call of another subject is not the cached one.
        assertThat(text(wording.of(called(peer, Optional.of(TOKEN)), "mcp-mtls")))
                .contains("alice");
        assertThat(text(wording.of(called(peer, Optional.empty()), "mcp-mtls"))).doesNotContain("alice");
    }

    @Test
    void tellsTheCertificateThatARefusedTokenIsBoundTo() {
        Peer peer = accepted(STRICT);
        AuditEvent.TokenRefused refused = new AuditEvent.TokenRefused(
                NOW, CONNECTION, peer, "echo-mcp", "TOKEN_WRONG_BINDING", "why", Optional.of(TOKEN), Optional.of("ab"));

        assertThat(fields(refused))
                .containsEntry("event.action", "token-refused")
                .containsEntry("event.outcome", "failure")
                .containsEntry("event.reason", "TOKEN_WRONG_BINDING")
                .containsEntry("mcp_mtls.token.subject", "alice")
                .containsEntry("mcp_mtls.token.bound_to_sha256", "ab");
        assertThat(new String(new Wording().of(refused, "mcp-mtls").counterpart(), StandardCharsets.US_ASCII))
                .contains("tls.client.hash.sha256", peer.chain().leafSha256());
        assertThat(Vocabulary.REASONS.has("TOKEN_WRONG_BINDING")).isTrue();
    }

    private static AuditEvent.CallDecided called(Peer peer, Optional<AccessToken> token) {
        Call call = new Call("echo-mcp", "tools/call", "echo").bearing(token);
        return new AuditEvent.CallDecided(NOW, CONNECTION, peer, call, new Decision.Permit());
    }

    private static Decision.Deny denied(Optional<Duration> retryAfter) {
        return new Decision.Deny("rule 'no-deletes' denies it", Optional.of("no-deletes"), retryAfter, List.of());
    }

    private static Decision shadowed(Decision.Deny deny) {
        return new Decision.Permit(deny.rule(), Optional.of(deny), List.of());
    }

    private static AuditEvent.CallDecided call(Instant at, Peer caller, Decision decision) {
        return new AuditEvent.CallDecided(at, CONNECTION, caller, new Call("echo-mcp", "tools/call", "echo"), decision);
    }

    private static Peer peerOf(AuditEvent call) {
        return ((AuditEvent.CallDecided) call).caller();
    }

    @Test
    void saysWhoseTaskEndedHow() {
        Peer peer = accepted(STRICT);
        Call call = new Call("echo-mcp", "tools/call", "echo").with(() -> Map.of("text", "secret"));

        Map<String, String> done = fields(ended(peer, call, End.COMPLETED));
        Map<String, String> late = fields(ended(peer, call, End.EXPIRED));

        assertThat(done)
                .containsEntry("event.action", "task-completed")
                .containsEntry("event.outcome", "success")
                .containsEntry("mcp_mtls.task", "0011223344556677")
                .containsEntry("mcp_mtls.target", "echo")
                .containsEntry("mcp_mtls.identity", peer.identity().text())
                .doesNotContainKey("event.reason");
        assertThat(late)
                .containsEntry("event.action", "task-failed")
                .containsEntry("event.outcome", "failure")
                .containsEntry("event.reason", "TASK_EXPIRED");
        assertThat(done.toString()).doesNotContain("secret");
    }

    private static AuditEvent ended(Peer peer, Call call, End end) {
        return new AuditEvent.TaskEnded(NOW, CONNECTION, peer, call, "0011223344556677", end);
    }
}
