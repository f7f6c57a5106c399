// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import static dev.mcpmtls.auditlog.EventFixture.CA;
import static dev.mcpmtls.auditlog.EventFixture.CHAIN;
import static dev.mcpmtls.auditlog.EventFixture.CLIENT;
import static dev.mcpmtls.auditlog.EventFixture.CONNECTION;
import static dev.mcpmtls.auditlog.EventFixture.NOW;
import static dev.mcpmtls.auditlog.EventFixture.STRICT;
import static dev.mcpmtls.auditlog.EventFixture.accepted;
import static dev.mcpmtls.auditlog.EventFixture.fields;
import static dev.mcpmtls.auditlog.EventFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TaskEnded.End;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.FormRejection;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFieldsTest {

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

    @Test
    void countsTheRecordsThatAreLost() {
        assertThat(text(Wording.resumed(NOW, 1, ""))).contains("1 record could not be written before this one");
        assertThat(text(Wording.resumed(NOW, 2, ""))).contains("2 records could not be written before this one");
    }
}
