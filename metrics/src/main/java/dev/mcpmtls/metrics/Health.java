// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Lifetime;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation.Mode;
import dev.mcpmtls.trust.Revocation.Standing;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The health of this process: its credentials, its trust and its audit log, and the time left until they fail. Listens to
 * events and reads the clock at each query. Thread-safe.
 */
public final class Health implements Consumer<AuditEvent> {

    /** The result of a check, best first. */
    public enum Status {
        /** No action is needed. */
        OK,
        /** It works, but needs attention in working hours. */
        DEGRADED,
        /** It does not work and needs attention at once. */
        FAILING
    }

    /**
     * One check with its result.
     *
     * @param name for example {@code credential weather}
     * @param detail one sentence
     * @param left the time until a certificate or CRL expires, negative afterwards; empty when nothing expires
     */
    public record Check(String name, Status status, String detail, Optional<Duration> left) {}

    private final InstantSource clock;
    private final Map<String, Chain> credentials = new ConcurrentSkipListMap<>();
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private final List<Supplier<Stream<Check>>> others = new CopyOnWriteArrayList<>();

    /** Health at the time of {@code clock}. */
    public Health(InstantSource clock) {
        this.clock = clock;
    }

    /** Checks the policy in force as well, and its CRLs. */
    public Health trust(String name, ChainVerifier verifier) {
        others.add(() -> Stream.of(trustCheck("trust " + name, verifier.policy())));
        others.add(() -> revocationCheck("revocation " + name, verifier.policy()).stream());
        return this;
    }

    /** Checks the audit log as well. */
    public Health audit(AuditWatch watch) {
        others.add(() -> Stream.of(watch.failure()
                .map(why -> new Check("audit", Status.FAILING, why, Optional.empty()))
                .orElseGet(() -> new Check("audit", Status.OK, "records are written", Optional.empty()))));
        return this;
    }

    /** Reports that no audit log is kept, because the settings say so. */
    public Health auditOff() {
        others.add(() -> Stream.of(
                new Check("audit", Status.DEGRADED, "off (audit.file): nothing is recorded", Optional.empty())));
        return this;
    }

    /** Reports from now on that this process stops, so that balancers turn to others. */
    public Health stopping() {
        others.add(() -> Stream.of(
                new Check("serving", Status.FAILING, "stopping: open connections are still served", Optional.empty())));
        return this;
    }

    /**
     * Checks the files that trust depends on as well.
     *
     * @param exposures the files that others could have written, at the time of the query
     */
    public Health files(String name, Supplier<List<Exposure>> exposures) {
        others.add(() -> exposures.get().stream()
                .map(exposure -> new Check("files " + name, Status.DEGRADED, exposure.toString(), Optional.empty())));
        return this;
    }

    /**
     * Checks something else as well.
     *
     * @param condition its checks, at the time of the query
     */
    public Health also(Supplier<Stream<Check>> condition) {
        others.add(condition);
        return this;
    }

    /**
     * Checks the access rules as well.
     *
     * @param contents a summary of the rules in force
     * @param trouble the reason why they need attention; empty when they do not
     */
    public Health access(Supplier<String> contents, Supplier<Optional<String>> trouble) {
        others.add(() -> {
            Optional<String> why = trouble.get();
            Status status = why.isEmpty() ? Status.OK : Status.DEGRADED;
            String detail = contents.get() + why.map(more -> "; " + more).orElse("");
            return Stream.of(new Check("access", status, detail, Optional.empty()));
        });
        return this;
    }

    /** All checks, made now. */
    public List<Check> checks() {
        Instant now = clock.instant();
        List<Check> checks = new ArrayList<>();
        credentials.forEach((name, chain) -> checks.add(credentialCheck(name, chain, now)));
        others.forEach(look -> look.get().forEach(checks::add));
        failures.forEach((what, why) -> {
            if (!credentials.containsKey(what)) {
                checks.add(new Check(what, Status.DEGRADED, why, Optional.empty()));
            }
        });
        return List.copyOf(checks);
    }

    /** The worst result of some checks. */
    public static Status worst(List<Check> checks) {
        return checks.stream().map(Check::status).max(Comparator.naturalOrder()).orElse(Status.OK);
    }

    @Override
    public void accept(AuditEvent event) {
        if (event instanceof AuditEvent.CredentialLoaded e) {
            credentials.put(e.credential(), e.chain());
        } else if (event instanceof AuditEvent.CredentialReloaded e) {
            credentials.put(e.credential(), e.chain());
            failures.remove(e.credential());
        } else if (event instanceof AuditEvent.CredentialReloadFailed e) {
            failures.put(e.credential(), e.why());
        } else if (event instanceof AuditEvent.CertificateRenewed e) {
            failures.remove(e.credential());
        } else if (event instanceof AuditEvent.RenewalFailed e) {
            failures.put(e.credential(), e.why());
        } else if (event instanceof AuditEvent.TrustReloaded e) {
            failures.remove(e.what());
        } else if (event instanceof AuditEvent.TrustReloadFailed e) {
            failures.put(e.what(), e.why());
        }
    }

    private Check credentialCheck(String name, Chain chain, Instant now) {
        Lifetime life = Lifetime.of(chain);
        Duration left = life.left(now);
        String failure = failures.get(name);
        if (left.isNegative()) {
            return credential(name, Status.FAILING, "expired on " + life.end(), failure, left);
        }
        if (now.isBefore(life.start())) {
            return credential(name, Status.FAILING, "starts on " + life.start() + "; check the clock", failure, left);
        }
        if (life.isRenewalOverdue(now)) {
            return credential(name, Status.DEGRADED, "expires soon and was not renewed: " + life.end(), failure, left);
        }
        return credential(
                name, failure == null ? Status.OK : Status.DEGRADED, "expires on " + life.end(), failure, left);
    }

    private static Check credential(
            String name, Status status, String detail, @Nullable String failure, Duration left) {
        String more = failure == null ? "" : "; " + failure;
        return new Check("credential " + name, status, detail + more, Optional.of(left));
    }

    private Check trustCheck(String name, TrustPolicy policy) {
        if (policy.validation() == Validation.PINNED) {
            return new Check(name, Status.OK, "pinned", Optional.empty());
        }
        Instant now = clock.instant();
        List<X509Certificate> valid = policy.anchors().certificates().stream()
                .filter(anchor -> now.isBefore(anchor.getNotAfter().toInstant()))
                .toList();
        Optional<Duration> left = valid.isEmpty() ? Optional.empty() : Optional.of(Duration.between(now, end(valid)));
        if (policy.validation() == Validation.RELAXED) {
            String relaxed =
                    policy.relaxations().stream().sorted().map(Relaxation::text).collect(Collectors.joining(", "));
            return new Check(name, Status.DEGRADED, "RELAXED, not enforced: " + relaxed, left);
        }
        if (valid.isEmpty()) {
            return new Check(name, Status.FAILING, "no trust anchor is valid; all peers are refused", left);
        }
        return new Check(name, Status.OK, "strict, trust anchors: " + valid.size() + tolerated(policy), left);
    }

    private static String tolerated(TrustPolicy policy) {
        return policy.tolerances().isEmpty()
                ? ""
                : policy.tolerances().stream()
                        .sorted()
                        .map(Tolerance::text)
                        .collect(Collectors.joining(", ", "; tolerated: ", ""));
    }

    /** A CRL that has expired, or is not its issuer's, clears no certificate, because later revocations are unknown. */
    private Optional<Check> revocationCheck(String name, TrustPolicy policy) {
        Instant now = clock.instant();
        List<Standing> standings = policy.revocationStandings(now);
        if (standings.isEmpty()) {
            return Optional.empty();
        }
        Optional<Duration> left = standings.stream()
                .flatMap(standing -> standing.nextUpdate().stream())
                .min(Comparator.naturalOrder())
                .map(end -> Duration.between(now, end));
        List<String> unusable = standings.stream()
                .flatMap(standing -> standing.unusable().stream().map(why -> standing.issuer() + ": " + why))
                .toList();
        if (unusable.isEmpty()) {
            return Optional.of(new Check(name, Status.OK, "current CRLs: " + standings.size(), left));
        }
        String effect = policy.revocation().mode() == Mode.HARD_FAIL
                ? "; hard-fail refuses its certificates"
                : "; soft-fail accepts its certificates that no CRL lists, revoked since or not";
        return Optional.of(new Check(name, Status.DEGRADED, String.join("; ", unusable) + effect, left));
    }

    private static Instant end(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }
}
