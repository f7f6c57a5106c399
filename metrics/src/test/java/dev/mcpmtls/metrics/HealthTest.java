// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.metrics.Health.Check;
import dev.mcpmtls.metrics.Health.Status;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthTest {

    private static final Duration DAY = Duration.ofHours(24);

    private Instant now = Events.NOW;
    private final Health health = new Health(() -> now);

    @Test
    void isOkThenDegradedThenFailingAsACredentialEnds() {
        health.accept(Events.loaded("weather", DAY));
        assertThat(statusAfter(Duration.ofHours(16))).isEqualTo(Status.OK);
        assertThat(statusAfter(Duration.ofHours(21))).isEqualTo(Status.DEGRADED);
        assertThat(statusAfter(Duration.ofHours(25))).isEqualTo(Status.FAILING);
    }

    @Test
    void isFailingWhenTheClockIsBeforeTheCredentialsStart() {
        health.accept(Events.loaded("weather", DAY));
        assertThat(statusAfter(Duration.ofHours(-1))).isEqualTo(Status.FAILING);
    }

    @Test
    void isDegradedWhileOthersCanWriteWhatTrustRestsOn(@TempDir Path directory) throws IOException {
        Path anchors = Files.writeString(directory.resolve("ca.crt"), "");
        health.files("weather", () -> Exposure.ofFile(anchors).stream().toList());
        Files.setPosixFilePermissions(anchors, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(health.checks()).isEmpty();

        Files.setPosixFilePermissions(anchors, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(only().status()).isEqualTo(Status.DEGRADED);
        assertThat(only().name()).isEqualTo("files weather");
        assertThat(only().detail()).contains("other users can write it", "chmod go-w");
    }

    @Test
    void saysThatNoAuditLogIsKept() {
        health.auditOff();

        assertThat(only().status()).isEqualTo(Status.DEGRADED);
        assertThat(only().detail()).contains("off (audit.file)");
    }

    @Test
    void isDegradedWhileTheAccessRulesNeedAttention() {
        AtomicReference<Optional<String>> trouble = new AtomicReference<>(Optional.empty());
        health.access(() -> "3 rules of policy.yaml, default deny", trouble::get);
        assertThat(only().name()).isEqualTo("access");
        assertThat(only().status()).isEqualTo(Status.OK);
        assertThat(only().detail()).isEqualTo("3 rules of policy.yaml, default deny");

        trouble.set(Optional.of("the rules are not enforced"));
        assertThat(only().status()).isEqualTo(Status.DEGRADED);
        assertThat(only().detail()).isEqualTo("3 rules of policy.yaml, default deny; the rules are not enforced");
    }

    @Test
    void saysHowLongACredentialLasts() {
        health.accept(Events.loaded("weather", DAY));
        assertThat(only().left()).contains(DAY);
        assertThat(only().name()).isEqualTo("credential weather");
    }

    @Test
    void isDegradedFromAFailedReloadUntilOneSucceeds() {
        health.accept(Events.loaded("weather", DAY));
        health.accept(Events.reloadFailed("weather"));
        assertThat(only().status()).isEqualTo(Status.DEGRADED);
        assertThat(only().detail()).contains("tls.key is torn");
        health.accept(Events.reloaded("weather", DAY));
        assertThat(only().status()).isEqualTo(Status.OK);
    }

    @Test
    void isDegradedWhileTrustCannotBeReloaded() {
        health.accept(new AuditEvent.TrustReloadFailed(now, "trust anchors [ca.crt]", "ca.crt is empty"));
        assertThat(only().status()).isEqualTo(Status.DEGRADED);
        health.accept(new AuditEvent.TrustReloaded(now, "trust anchors [ca.crt]"));
        assertThat(health.checks()).isEmpty();
    }

    @Test
    void isDegradedFromAFailedRenewalUntilOneSucceeds() {
        health.accept(new AuditEvent.RenewalFailed(now, "coordinator", "no key"));
        assertThat(only().status()).isEqualTo(Status.DEGRADED);
        health.accept(Events.renewed("coordinator"));
        assertThat(health.checks()).isEmpty();
    }

    @Test
    void showsRelaxedValidation() {
        health.trust("weather", verifier(TrustPolicy.relaxed(Events.anchors(), Relaxation.EXPIRED)));
        assertThat(only().status()).isEqualTo(Status.DEGRADED);
        assertThat(only().detail()).contains("RELAXED").contains("expired");
    }

    @Test
    void isFailingWithoutAValidAnchorAndOkWithOne() {
        health.trust("weather", verifier(TrustPolicy.strict(Events.anchors())));
        assertThat(only().status()).isEqualTo(Status.OK);
        now = now.plus(Duration.ofDays(4000));
        assertThat(only().status()).isEqualTo(Status.FAILING);
        Health empty = new Health(() -> now).trust("echo", verifier(TrustPolicy.strict(TrustAnchors.none())));
        assertThat(empty.checks()).singleElement().matches(check -> check.status() == Status.FAILING);
    }

    @Test
    void isDegradedFromTheEndOfACrlAndNamesIt(@TempDir Path directory) {
        Revocation revocation = Revocation.load(
                List.of(Events.crl(directory, Events.NOW.plus(DAY))), Optional.empty(), Revocation.Mode.SOFT_FAIL);
        health.trust("weather", verifier(TrustPolicy.strict(Events.anchors()).withRevocation(revocation)));
        assertThat(statusAfter(Duration.ofHours(23))).isEqualTo(Status.OK);

        assertThat(statusAfter(Duration.ofHours(25))).isEqualTo(Status.DEGRADED);
        Check check = health.checks().get(1);
        assertThat(check.name()).isEqualTo("revocation weather");
        assertThat(check.detail()).contains("Test CA", "expired on 2026-11-23T10:00:00Z", "soft-fail");
        assertThat(check.left()).contains(Duration.ofHours(-1));

        Events.crl(directory, Events.NOW.plus(DAY.multipliedBy(9)));
        revocation.reload();
        assertThat(Health.worst(health.checks())).isEqualTo(Status.OK);
    }

    @Test
    void isDegradedByACrlThatIsNotItsIssuers(@TempDir Path directory) {
        Path file = ThrowawayCa.root("Test CA", now).crl().writeTo(directory.resolve("foreign.crl"));
        Revocation revocation = Revocation.load(List.of(file), Optional.empty(), Revocation.Mode.SOFT_FAIL);
        health.trust("weather", verifier(TrustPolicy.strict(Events.anchors()).withRevocation(revocation)));
        assertThat(Health.worst(health.checks())).isEqualTo(Status.DEGRADED);
        assertThat(health.checks().get(1).detail())
                .contains("Test CA", file.toString(), "is not signed by a known authority");
    }

    @Test
    void namesWhatIsTolerated() {
        TrustPolicy strict = TrustPolicy.strict(Events.anchors());
        health.trust("plain", verifier(strict));
        health.trust("weather", verifier(strict.withTolerances(Set.of(Tolerance.values()))));
        assertThat(health.checks())
                .extracting(Check::detail)
                .containsExactly(
                        "strict, trust anchors: 1",
                        "strict, trust anchors: 1; tolerated: plain-basic-constraints, no-key-identifiers");
    }

    @Test
    void isFailingWhileTheSecurityLogRefusesAndOkAfterwards() {
        AuditWatch watch = new AuditWatch();
        health.audit(watch);
        AuditSink broken = watch.over(event ->
                CompletableFuture.failedFuture(new AuditUnavailableException("the disk is full", new IOException())));
        broken.record(Events.accepted());
        assertThat(only().status()).isEqualTo(Status.FAILING);
        assertThat(only().detail()).contains("the disk is full");
        watch.over(AuditSink.none()).record(Events.accepted());
        assertThat(only().status()).isEqualTo(Status.OK);
    }

    @Test
    void isFailingWhenTheSecurityLogHangs() {
        AtomicLong nanoTime = new AtomicLong();
        AuditWatch watch = new AuditWatch(nanoTime::get);
        health.audit(watch);
        watch.over(event -> new CompletableFuture<>()).record(Events.accepted());
        assertThat(only().status()).isEqualTo(Status.OK);
        nanoTime.set(Duration.ofSeconds(6).toNanos());
        assertThat(only().status()).isEqualTo(Status.FAILING);
    }

    private Status statusAfter(Duration time) {
        now = Events.NOW.plus(time);
        return Health.worst(health.checks());
    }

    private Check only() {
        List<Check> checks = health.checks();
        assertThat(checks).hasSize(1);
        return checks.get(0);
    }

    private ChainVerifier verifier(TrustPolicy policy) {
        return new ChainVerifier(policy, () -> now);
    }
}
