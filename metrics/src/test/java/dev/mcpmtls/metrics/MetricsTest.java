// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TaskEnded.End;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.FormRejection;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.TrustPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {

    private static final String CRL_ENDS =
            "mcp_mtls_crl_next_update_timestamp_seconds{issuer=\"CN=Test CA\",server=\"echo-mcp\"}";

    private static final String RULE_DECISIONS = "mcp_mtls_rule_decisions_total";

    private final Metrics metrics = new Metrics().tools("weather-mcp", Set.of("getForecast"));

    @Test
    void countsHandshakesByOutcomeAndReason() {
        metrics.accept(Events.accepted());
        metrics.accept(Events.rejected(new FormRejection.NoCertificate()));
        metrics.accept(Events.rejected(new FormRejection.NoCertificate()));
        assertThat(metrics.scrape())
                .contains(handshakes("accepted", "none") + " 1")
                .contains(handshakes("rejected", "NO_CERTIFICATE") + " 2")
                .contains("mcp_mtls_peers_total{assurance=\"verified\",side=\"server\"} 1");
    }

    private static String handshakes(String outcome, String reason) {
        String labels = "outcome=\"%s\",reason=\"%s\",resumed=\"false\",side=\"server\"".formatted(outcome, reason);
        return "mcp_mtls_handshakes_total{" + labels + "}";
    }

    @Test
    void countsCallsByToolAndOutcome() {
        metrics.accept(Events.called("tools/call", "getForecast", new Decision.Permit()));
        metrics.accept(Events.called("tools/call", "getForecast", new Decision.Deny("no")));
        assertThat(metrics.scrape())
                .contains("outcome=\"permitted\",server=\"weather-mcp\",tool=\"getForecast\"} 1")
                .contains("outcome=\"denied\",server=\"weather-mcp\",tool=\"getForecast\"} 1");
    }

    @Test
    void countsTasksByToolAndOutcome() {
        metrics.accept(Events.taskEnded("getForecast", End.COMPLETED));
        metrics.accept(Events.taskEnded("getForecast", End.EXPIRED));
        assertThat(metrics.scrape())
                .contains("mcp_mtls_tasks_total{method=\"tools/call\",outcome=\"completed\",server=\"weather-mcp\"")
                .contains("mcp_mtls_tasks_total{method=\"tools/call\",outcome=\"expired\",server=\"weather-mcp\"");
    }

    @Test
    void countsRefusedTokensByReason() {
        metrics.accept(Events.tokenRefused("TOKEN_EXPIRED"));
        metrics.accept(Events.tokenRefused("TOKEN_EXPIRED"));
        metrics.accept(Events.called("tools/call", "getForecast", new Decision.Permit()));
        assertThat(metrics.scrape())
                .contains("mcp_mtls_tokens_refused_total{reason=\"TOKEN_EXPIRED\",server=\"weather-mcp\"} 2");
    }

    @Test
    void doesNotCountNewToolsOfAServerUnderTheirNames() {
        metrics.tools("weather-mcp", Set.of());
        for (int i = 0; i < 1000; i++) {
            metrics.callTook(Events.call("tools/call", "listed" + i), Duration.ofMillis(30));
            metrics.accept(Events.taskEnded("listed" + i, End.COMPLETED));
        }
        assertThat(metrics.scrape().lines().filter(line -> line.contains("tool=\"listed")))
                .isEmpty();
        assertThat(metrics.scrape()).contains("tool=\"other\"");
    }

    @Test
    void putsWhatCallersMadeUpTogetherAsOther() {
        for (int i = 0; i < 1000; i++) {
            metrics.accept(Events.called("tools/call", "tool" + i, new Decision.Permit()));
            metrics.accept(Events.called("method" + i, "", new Decision.Permit()));
            metrics.accept(Events.called("resources/read", "file:///" + i, new Decision.Permit()));
        }
        assertThat(metrics.scrape().lines().filter(line -> line.startsWith("mcp_mtls_calls_total")))
                .hasSize(3);
    }

    @Test
    void countsDecisionsByRuleAndOutcome() {
        Decision.Deny denied = new Decision.Deny("no", Optional.of("no-deletes"), Optional.empty(), List.of());
        Decision.Deny tooMany =
                new Decision.Deny("no", Optional.of("reads"), Optional.of(Duration.ofSeconds(1)), List.of());
        metrics.accept(called(new Decision.Permit(Optional.of("reads"), Optional.empty(), List.of())));
        metrics.accept(called(new Decision.Permit(denied.rule(), Optional.of(denied), List.of())));
        metrics.accept(called(denied));
        metrics.accept(called(tooMany));
        metrics.accept(called(new Decision.Permit()));

        assertThat(metrics.scrape().lines().filter(line -> line.startsWith(RULE_DECISIONS)))
                .containsExactlyInAnyOrder(
                        decisions("permitted", "reads", 1),
                        decisions("would-be-denied", "no-deletes", 1),
                        decisions("denied", "no-deletes", 1),
                        decisions("rate-limited", "reads", 1),
                        decisions("permitted", "none", 1));
    }

    @Test
    void putsRulesBeyondABoundTogetherAsOther() {
        for (int i = 0; i < 5000; i++) {
            metrics.accept(called(new Decision.Permit(Optional.of("rule-" + i), Optional.empty(), List.of())));
        }
        List<String> samples = metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(RULE_DECISIONS))
                .toList();
        assertThat(samples).hasSizeLessThanOrEqualTo(1001).anyMatch(line -> line.contains("rule=\"other\""));
    }

    private static AuditEvent called(Decision decision) {
        return Events.called("tools/call", "getForecast", decision);
    }

    private static String decisions(String outcome, String rule, int count) {
        return RULE_DECISIONS + "{outcome=\"" + outcome + "\",rule=\"" + rule + "\",server=\"weather-mcp\"} " + count
                + ".0";
    }

    @Test
    void showsHowLongCallsTake() {
        metrics.callTook(Events.call("tools/call", "getForecast"), Duration.ofMillis(30));
        assertThat(metrics.scrape())
                .contains("mcp_mtls_call_duration_seconds_bucket{method=\"tools/call\",server=\"weather-mcp\","
                        + "tool=\"getForecast\",le=\"0.05\"} 1")
                .contains("mcp_mtls_call_duration_seconds_bucket{method=\"tools/call\",server=\"weather-mcp\","
                        + "tool=\"getForecast\",le=\"0.025\"} 0");
    }

    @Test
    void showsTheEndOfTheCertificateInUse() {
        metrics.accept(Events.loaded("weather", Duration.ofHours(1)));
        metrics.accept(Events.reloaded("weather", Duration.ofHours(2)));
        assertThat(sample("mcp_mtls_certificate_not_after_timestamp_seconds{credential=\"weather\"}"))
                .isEqualTo(Events.NOW.plus(Duration.ofHours(2)).getEpochSecond());
        assertThat(sample("mcp_mtls_reloads_total{outcome=\"success\",what=\"credential\"}"))
                .isEqualTo(1);
    }

    @Test
    void showsTheEndOfTheCrlsInForceAndNothingWithoutCrls(@TempDir Path directory) {
        Revocation revocation = Revocation.load(
                List.of(Events.crl(directory, Events.NOW.plusSeconds(60))),
                Optional.empty(),
                Revocation.Mode.SOFT_FAIL);
        TrustPolicy policy = TrustPolicy.strict(Events.anchors());
        metrics.trust("echo-mcp", new ChainVerifier(policy, () -> Events.NOW));
        assertThat(metrics.scrape()).doesNotContain("crl_next_update_timestamp_seconds{");

        metrics.trust("echo-mcp", new ChainVerifier(policy.withRevocation(revocation), () -> Events.NOW));
        assertThat(sample(CRL_ENDS)).isEqualTo(Events.NOW.plusSeconds(60).getEpochSecond());
        Events.crl(directory, Events.NOW.plusSeconds(90));
        revocation.reload();
        assertThat(sample(CRL_ENDS)).isEqualTo(Events.NOW.plusSeconds(90).getEpochSecond());
    }

    @Test
    void showsTheBindingsOfTrustAnchors() {
        TrustPolicy policy = TrustPolicy.strict(
                Events.anchors().and(Events.anchors().boundTo("dns:a.example")).and(Events.anchors()));
        ChainVerifier verifier = new ChainVerifier(policy, () -> Events.NOW);
        metrics.trust("echo-mcp", verifier);
        assertThat(sample(anchors("ours", 1))).isEqualTo(1);
        assertThat(sample(anchors("for dns:a.example", 2))).isEqualTo(1);
        verifier.replacePolicy(TrustPolicy.strict(Events.anchors()));
        assertThat(metrics.scrape()).doesNotContain("a.example");
    }

    private static String anchors(String binding, int entry) {
        return "mcp_mtls_trust_anchors{binding=\"" + binding + "\",entry=\"" + entry
                + "\",file=\"the program\",server=\"echo-mcp\"}";
    }

    @Test
    void countsReloadsAndRenewalsThatFailed() {
        metrics.accept(Events.reloadFailed("weather"));
        metrics.accept(new AuditEvent.TrustReloadFailed(Events.NOW, "trust anchors", "empty"));
        metrics.accept(new AuditEvent.RenewalFailed(Events.NOW, "weather", "no key"));
        metrics.accept(new AuditEvent.EnrolmentRefused(
                Events.NOW, "192.0.2.1", Optional.empty(), "INVITATION_USED", "another key has used it up"));
        assertThat(sample("mcp_mtls_reloads_total{outcome=\"failure\",what=\"credential\"}"))
                .isEqualTo(1);
        assertThat(sample("mcp_mtls_reloads_total{outcome=\"failure\",what=\"trust\"}"))
                .isEqualTo(1);
        assertThat(sample("mcp_mtls_renewals_total{outcome=\"failure\"}")).isEqualTo(1);
        assertThat(sample("mcp_mtls_enrolments_total{outcome=\"refused\",reason=\"INVITATION_USED\"}"))
                .isEqualTo(1);
    }

    @Test
    void showsHowTheSecurityLogKeepsUp() {
        AuditWatch watch = new AuditWatch();
        metrics.audit(watch);
        CompletableFuture<Void> written = new CompletableFuture<>();
        AuditSink sink = watch.over(event -> written);
        sink.record(Events.accepted());
        assertThat(sample("mcp_mtls_audit_pending")).isEqualTo(1);
        written.complete(null);
        assertThat(sample("mcp_mtls_audit_pending")).isZero();
        assertThat(sample("mcp_mtls_audit_lag_seconds_count")).isEqualTo(1);
    }

    @Test
    void countsEachRecordOfThoseThatAreRecordedTogether() {
        AuditWatch watch = new AuditWatch();
        metrics.audit(watch);
        CompletableFuture<Void> written = new CompletableFuture<>();
        watch.over(event -> written).recordAll(List.of(Events.accepted(), Events.accepted()));
        assertThat(sample("mcp_mtls_audit_pending")).isEqualTo(2);
        written.complete(null);
        assertThat(sample("mcp_mtls_audit_pending")).isZero();
        assertThat(sample("mcp_mtls_audit_lag_seconds_count")).isEqualTo(2);
    }

    private double sample(String name) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + metrics.scrape()));
    }
}
