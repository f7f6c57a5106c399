// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TaskEnded.End;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.Trace;
import dev.mcpmtls.auditlog.Wording.Worded;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.FormRejection;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import dev.mcpmtls.trust.Verdict;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFieldsTest {

    private static final Instant NOW = Instant.now();
    private static final ThrowawayCa CA = ThrowawayCa.root("Throwaway", NOW);
    private static final Issued CLIENT = CA.client("coordinator");
    private static final Chain CHAIN = new Chain(CLIENT.chain());
    private static final TrustPolicy STRICT = TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate())));
    private static final ConnectionFacts CONNECTION = new ConnectionFacts(
            "00112233aabbccdd",
            ConnectionFacts.Side.SERVER,
            new InetSocketAddress("127.0.0.1", 53210),
            Optional.of(new ConnectionFacts.Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", true)));

    private static final AccessToken TOKEN =
            new AccessToken("https://login.test", "alice", Optional.of("planner"), Set.of("read"), NOW, true);

    @Test
    void saysEverythingAboutAnAcceptedPeer() {
        Peer peer = accepted(TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate()))));

        Map<String, String> fields = fields(new AuditEvent.TlsAccepted(NOW, CONNECTION, Validation.STRICT, peer));

        assertThat(fields)
                .containsEntry("event.action", "tls-accepted")
                .containsEntry("event.outcome", "success")
                .containsEntry("source.ip", "127.0.0.1")
                .containsEntry("tls.version", "1.3")
                .containsEntry("tls.resumed", "true")
                .containsEntry("mcp_mtls.identity", "spiffe://demo.local/agent/coordinator")
                .containsEntry("mcp_mtls.assurance", "VERIFIED")
                .containsEntry("mcp_mtls.validation", "strict")
                .containsEntry(
                        "tls.client.x509.not_after",
                        CLIENT.leaf().getNotAfter().toInstant().toString())
                .containsEntry("tls.client.hash.sha256", CHAIN.leafSha256())
                .containsEntry("tls.client.x509.alternative_names", "URI:spiffe://demo.local/agent/coordinator")
                .containsKeys(
                        "tls.client.x509.subject.distinguished_name",
                        "tls.client.x509.issuer.distinguished_name",
                        "tls.client.x509.serial_number",
                        "tls.client.x509.not_before")
                .doesNotContainKey("mcp_mtls.would_reject");
    }

    @Test
    void saysWhichBalancerForwardedTheClient() {
        InetSocketAddress client = new InetSocketAddress("192.0.2.7", 54321);
        ConnectionFacts forwarded = new ConnectionFacts(
                "00112233aabbccdd",
                ConnectionFacts.Side.SERVER,
                client,
                Optional.empty(),
                Optional.of(new InetSocketAddress("10.0.0.1", 40000)));

        assertThat(fields(new AuditEvent.HandshakeFailed(NOW, forwarded, "NOT_TLS", "why")))
                .containsEntry("source.ip", "192.0.2.7")
                .containsEntry("source.port", "54321")
                .containsEntry("mcp_mtls.balancer", "10.0.0.1");
        assertThat(fields(new AuditEvent.HandshakeFailed(NOW, CONNECTION, "NOT_TLS", "why")))
                .doesNotContainKey("mcp_mtls.balancer");
    }

    @Test
    void saysWhatStrictValidationWouldHaveRefused() {
        Peer peer = accepted(TrustPolicy.relaxed(TrustAnchors.none(), Relaxation.UNTRUSTED_ISSUER));

        Map<String, String> fields = fields(new AuditEvent.TlsAccepted(NOW, CONNECTION, Validation.RELAXED, peer));

        assertThat(fields)
                .containsEntry("mcp_mtls.assurance", "CLAIMED")
                .containsEntry("mcp_mtls.would_reject", "UNTRUSTED_ISSUER");
        assertThat(fields.get("message")).contains("only because validation is relaxed");
    }

    @Test
    void saysThatRevocationIsUnknownAndNotThatValidationIsRelaxed(@TempDir Path directory) {
        Path none = ThrowawayCa.root("Elsewhere", NOW).crl().writeTo(directory.resolve("a.crl"));
        Revocation revocation = Revocation.load(List.of(none), Optional.empty(), Revocation.Mode.SOFT_FAIL);

        Map<String, String> fields = fields(new AuditEvent.TlsAccepted(
                NOW, CONNECTION, Validation.STRICT, accepted(STRICT.withRevocation(revocation))));

        assertThat(fields)
                .containsEntry("event.outcome", "success")
                .containsEntry("event.reason", "REVOCATION_UNKNOWN")
                .containsEntry("mcp_mtls.revocation", "unknown")
                .containsEntry("mcp_mtls.assurance", "VERIFIED")
                .doesNotContainKey("mcp_mtls.would_reject");
        assertThat(fields.get("message"))
                .contains("without knowing whether it was revoked", "there is no CRL of it")
                .doesNotContain("relaxed");
    }

    @Test
    void saysWhyAPeerWasRefusedWithoutClaimingWhoItWas() {
        Map<String, String> fields = fields(new AuditEvent.TlsRejected(
                NOW, CONNECTION, Validation.STRICT, Optional.of(CHAIN), List.of(new FormRejection.NoCertificate())));

        assertThat(fields)
                .containsEntry("event.outcome", "failure")
                .containsEntry("event.reason", "NO_CERTIFICATE")
                .containsEntry("mcp_mtls.alert", "certificate_required")
                .containsEntry("tls.client.hash.sha256", CHAIN.leafSha256())
                .doesNotContainKey("mcp_mtls.identity");
    }

    @Test
    void saysOfManyRejectionsHowManyWhyAndFromWhere() {
        Map<String, String> fields = fields(new AuditEvent.RejectionsSummarised(
                NOW, NOW, 7, Map.of("NOT_TLS", 2L, "NO_CERTIFICATE", 5L), Map.of("192.0.2.1", 7L)));

        assertThat(fields)
                .containsEntry("event.action", "tls-rejections-summarised")
                .containsEntry("event.reason", "TOO_MANY_REJECTIONS")
                .containsEntry("mcp_mtls.count", "7")
                .containsEntry("mcp_mtls.reasons", "NO_CERTIFICATE=5,NOT_TLS=2")
                .containsEntry("mcp_mtls.addresses", "192.0.2.1=7");
    }

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

    private static String text(Worded record) {
        return new String(record.words(), StandardCharsets.US_ASCII)
                + new String(record.counterpart(), StandardCharsets.US_ASCII);
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

    @Test
    void stampsTheTimeToTheMillisecond() {
        Instant early = Instant.parse("2026-05-01T10:00:00.007999Z");
        for (Instant at : List.of(early, early.plusMillis(90), early.plusSeconds(1), early)) {
            assertThat(fields(new AuditEvent.TrustReloaded(at, "crl.pem")))
                    .containsEntry(
                            "@timestamp", at.truncatedTo(ChronoUnit.MILLIS).toString());
        }
    }

    @Test
    void hasAMessageForEveryKindOfEvent() {
        Peer peer = accepted(TrustPolicy.strict(new TrustAnchors(List.of(CA.certificate()))));
        Rejection rejection = new FormRejection.NoCertificate();
        Call call = new Call("echo-mcp", "tools/call", "echo");
        List<AuditEvent> all = List.of(
                new AuditEvent.TlsAccepted(NOW, CONNECTION, Validation.STRICT, peer),
                new AuditEvent.TlsRejected(NOW, CONNECTION, Validation.STRICT, Optional.empty(), List.of(rejection)),
                new AuditEvent.HandshakeFailed(NOW, CONNECTION, "NOT_TLS", "why"),
                new AuditEvent.RejectionsSummarised(NOW, NOW, 1, Map.of("NOT_TLS", 1L), Map.of("192.0.2.1", 1L)),
                new AuditEvent.PeerLapsed(NOW, CONNECTION, peer, rejection),
                new AuditEvent.SessionOpened(NOW, CONNECTION, peer, "0011223344556677"),
                new AuditEvent.SessionRefused(NOW, CONNECTION, peer, "", "why"),
                new AuditEvent.TokenRefused(
                        NOW, CONNECTION, peer, "echo-mcp", "TOKEN_MISSING", "why", Optional.empty(), Optional.empty()),
                new AuditEvent.CallDecided(NOW, CONNECTION, peer, call, new Decision.Permit()),
                new AuditEvent.CallDecided(NOW, CONNECTION, peer, call, new Decision.Deny("why")),
                new AuditEvent.TaskBegun(NOW, CONNECTION, peer, call, "0011223344556677"),
                new AuditEvent.TaskEnded(NOW, CONNECTION, peer, call, "0011223344556677", End.COMPLETED),
                new AuditEvent.CallPlanned(NOW, "model", "echo", "echo"),
                new AuditEvent.ToolChanged(
                        NOW, "https://a/", "echo", "TOOL_NEW", "it is not pinned", Optional.empty(), Optional.of("00")),
                new AuditEvent.ToolAccepted(NOW, "https://a/", "echo", Optional.of("00"), Optional.of("01")),
                new AuditEvent.CredentialLoaded(NOW, "echo", CHAIN),
                new AuditEvent.CredentialReloaded(NOW, "echo", CHAIN),
                new AuditEvent.CredentialReloadFailed(NOW, "echo", "why"),
                new AuditEvent.CredentialExpiring(NOW, "echo", CHAIN, Duration.ofHours(1)),
                new AuditEvent.CertificateIssued(NOW, "echo", CHAIN),
                new AuditEvent.CertificateRenewed(NOW, "echo", CHAIN),
                new AuditEvent.CertificateRevoked(NOW, "echo", BigInteger.TEN),
                new AuditEvent.RenewalFailed(NOW, "echo", "why"),
                new AuditEvent.InvitationMade(NOW, "4be1c09d2f", "laptop-7", NOW),
                new AuditEvent.InvitationWithdrawn(NOW, "4be1c09d2f", "laptop-7"),
                new AuditEvent.EnrolmentGranted(NOW, "192.0.2.1", "invitation 4be1c09d2f", "laptop-7", BigInteger.TEN),
                new AuditEvent.EnrolmentRefused(NOW, "192.0.2.1", Optional.empty(), "INVITATION_USED", "why"),
                new AuditEvent.TrustReloaded(NOW, "crl.pem"),
                new AuditEvent.TrustReloadFailed(NOW, "crl.pem", "why"),
                new AuditEvent.InvitationMade(NOW, "4be1c09d2f", "laptop-7", NOW),
                new AuditEvent.InvitationWithdrawn(NOW, "4be1c09d2f", "laptop-7"),
                new AuditEvent.EnrolmentGranted(NOW, "192.0.2.7", "invitation 4be1c09d2f", "laptop-7", BigInteger.TEN),
                new AuditEvent.EnrolmentRefused(NOW, "192.0.2.7", Optional.empty(), "INVITATION_USED", "why"),
                new AuditEvent.PolicyReloaded(NOW, "policy.yaml", "3 rules, default deny"),
                new AuditEvent.PolicyReloadFailed(NOW, "policy.yaml", "why"),
                new AuditEvent.RelaxedModeOn(NOW, "server 127.0.0.1:8443", Set.of(Relaxation.EXPIRED)),
                new AuditEvent.TolerancesOn(NOW, "weather", Set.of(Tolerance.NO_KEY_IDENTIFIERS)));

        assertThat(all)
                .extracting(Object::getClass)
                .containsAll(Arrays.asList(AuditEvent.class.getPermittedSubclasses()));
        assertThat(all)
                .allSatisfy(event ->
                        assertThat(fields(event).get("message")).asString().isNotBlank());
    }

    /** The fields as a reader of the log gets them. */
    private static Map<String, String> fields(AuditEvent event) {
        Lines lines = new Lines();
        lines.add(new Wording().of(event, "mcp-mtls"), ChainEnd.GENESIS);
        return AuditRecord.parse(StandardCharsets.US_ASCII
                        .decode(lines.view())
                        .toString()
                        .strip())
                .orElseThrow()
                .fields();
    }

    private static Peer accepted(TrustPolicy policy) {
        Verdict verdict = new ChainVerifier(policy, InstantSource.fixed(NOW)).verifyClient(CHAIN);
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).peer();
    }
}
