// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.metrics;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.AnchorSet;
import dev.mcpmtls.trust.ChainVerifier;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Counts events for Prometheus. Every label has few values: an unknown tool or method of a caller is counted as {@code other},
 * and no label holds a peer's name. Thread-safe.
 *
 * <p>All names begin with {@code mcp_mtls_}; {@link #scrape} explains each.
 */
public final class Metrics implements Consumer<AuditEvent> {

    private static final String OTHER = "other";

    /** The largest number of issuers whose CRLs are shown for each server. */
    private static final int MAX_ISSUERS = 64;

    /** The largest number of access rules that are counted by name. */
    private static final int MAX_RULES = 1000;

    private static final int MAX_FILES = 64;

    /** The methods that a client may send (MCP 2025-11-25 and 2026-07-28); it may send any string. */
    private static final Set<String> METHODS = Set.of(
            "initialize",
            "ping",
            "server/discover",
            "tools/list",
            "tools/call",
            "tasks/get",
            "tasks/update",
            "tasks/cancel",
            "prompts/list",
            "prompts/get",
            "resources/list",
            "resources/read",
            "resources/templates/list",
            "resources/subscribe",
            "resources/unsubscribe",
            "subscriptions/listen",
            "completion/complete",
            "logging/setLevel");

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final MultiGauge crls;
    private final MultiGauge anchors;
    private final Map<String, ChainVerifier> verifiers = new ConcurrentSkipListMap<>();
    private final Map<String, Set<String>> tools = new ConcurrentHashMap<>();
    private final Set<String> rules = ConcurrentHashMap.newKeySet();
    private final Map<String, Instant> ends = new ConcurrentHashMap<>();

    /** Counts into a registry of its own, for {@link #scrape}. */
    public Metrics() {
        this(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    }

    /** Counts into a registry of the program, with dots instead of underscores in the names. */
    public Metrics(MeterRegistry registry) {
        this.registry = registry;
        crls = MultiGauge.builder("mcp.mtls.crl.next.update.timestamp.seconds")
                .description("When the last CRL of an issuer expires, in seconds since 1970")
                .register(registry);
        anchors = MultiGauge.builder("mcp.mtls.trust.anchors")
                .description("Trust anchors by file, with the names to which they are bound")
                .register(registry);
    }

    /** Counts the calls of these tools under their own names. */
    public Metrics tools(String server, Set<String> names) {
        tools.put(server, Set.copyOf(names));
        return this;
    }

    /**
     * Shows a number that the caller maintains.
     *
     * @param name below {@code mcp_mtls_}, with dots, for example {@code connections.open}
     * @param labels names and values in turn
     */
    public <T> Metrics gauge(String name, String help, T source, ToDoubleFunction<T> value, String... labels) {
        Gauge.builder("mcp.mtls." + name, source, value)
                .description(help)
                .tags(labels)
                .strongReference(true)
                .register(registry);
        return this;
    }

    /** Shows the delay and the failures of the audit log. */
    public Metrics audit(AuditWatch watch) {
        Timer lag = Timer.builder("mcp.mtls.audit.lag")
                .description("From an event to its durable record")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        watch.onRecorded(lag::record);
        gauge("audit.pending", "Records that are not yet durable", watch, AuditWatch::pending);
        return gauge(
                "audit.failing",
                "1 while the audit log accepts no records",
                watch,
                w -> w.failure().map(why -> 1).orElse(0));
    }

    /** Shows the trust anchors of a server's verifier, their bindings, and the nextUpdate of its CRLs. */
    public Metrics trust(String server, ChainVerifier verifier) {
        verifiers.put(server, verifier);
        refreshTrust();
        return this;
    }

    /** Counts the duration of a permitted call, from its authorisation to the last byte of its handler's answer. */
    public void callTook(Call call, Duration took) {
        Timer.builder("mcp.mtls.call.duration")
                .description("From a call's arrival to the end of its handler")
                .tags(labels(call))
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(took);
    }

    /**
     * The text that Prometheus reads (exposition format 0.0.4).
     *
     * @throws IllegalStateException when the registry is one of the program's that is not for Prometheus
     */
    public String scrape() {
        if (!(registry instanceof PrometheusMeterRegistry prometheus)) {
            throw new IllegalStateException("these metrics are in a registry of the program; read them there");
        }
        refreshTrust();
        return prometheus.scrape();
    }

    private void refreshTrust() {
        crls.register(
                verifiers.entrySet().stream()
                        .flatMap(entry -> crls(entry.getKey(), entry.getValue()))
                        .toList(),
                true);
        anchors.register(
                verifiers.entrySet().stream()
                        .flatMap(entry -> anchors(entry.getKey(), entry.getValue()))
                        .toList(),
                true);
    }

    private static Stream<MultiGauge.Row<?>> anchors(String server, ChainVerifier verifier) {
        List<AnchorSet> unbound = verifier.unboundAnchors();
        List<AnchorSet> sets = verifier.policy().anchors().sets();
        return IntStream.range(0, Math.min(sets.size(), MAX_FILES)).mapToObj(i -> {
            AnchorSet set = sets.get(i);
            String binding = set.isBound() ? set.binding() : unbound.contains(set) ? "not bound" : "ours";
            Tags tags = Tags.of(
                            "server",
                            server,
                            "file",
                            Printable.clean(set.source()),
                            "binding",
                            Printable.clean(binding))
                    .and("entry", Integer.toString(i + 1));
            return MultiGauge.Row.of(tags, set.certificates()::size);
        });
    }

    private static Stream<MultiGauge.Row<?>> crls(String server, ChainVerifier verifier) {
        return verifier.policy().revocationStandings(Instant.EPOCH).stream()
                .limit(MAX_ISSUERS)
                .flatMap(standing -> standing.nextUpdate().stream()
                        .map(end -> MultiGauge.Row.of(
                                Tags.of("server", server, "issuer", standing.issuer()), end::getEpochSecond)));
    }

    @Override
    public void accept(AuditEvent event) {
        if (event instanceof AuditEvent.TlsAccepted e) {
            handshake(e.connection(), "accepted", "none");
            String assurance = e.peer().assurance().name().toLowerCase(Locale.ROOT);
            count(
                    "peers",
                    "Accepted peers by assurance",
                    Tags.of("assurance", assurance).and(side(e.connection())));
        } else if (event instanceof AuditEvent.TlsRejected e) {
            handshake(e.connection(), "rejected", e.findings().get(0).reason().name());
        } else if (event instanceof AuditEvent.HandshakeFailed e) {
            handshake(e.connection(), "failed", e.reason());
        } else if (event instanceof AuditEvent.PeerLapsed e) {
            Tags reason = Tags.of("reason", e.rejection().reason().name());
            count("peers.lapsed", "Accepted peers that were disconnected", reason.and(side(e.connection())));
        } else if (event instanceof AuditEvent.CallDecided e) {
            count(
                    "calls",
                    "Calls by tool and decision",
                    labels(e.call()).and("outcome", e.action().text().substring("call-".length())));
            rule(e);
        } else if (event instanceof AuditEvent.SessionOpened) {
            session("opened");
        } else if (event instanceof AuditEvent.SessionRefused) {
            session("refused");
        } else if (event instanceof AuditEvent.TaskBegun e) {
            task(e.call(), "begun");
        } else if (event instanceof AuditEvent.TaskEnded e) {
            task(e.call(), e.end().text());
        } else if (event instanceof AuditEvent.TokenRefused e) {
            count(
                    "tokens.refused",
                    "Requests refused because of their access token, or for lack of one",
                    Tags.of("server", e.server(), "reason", e.reason()));
        } else {
            acceptOwn(event);
        }
    }

    private void task(Call call, String outcome) {
        count("tasks", "Tasks by tool and outcome", labels(call).and("outcome", outcome));
    }

    /** Events about our own credentials and trust. */
    private void acceptOwn(AuditEvent event) {
        if (event instanceof AuditEvent.CredentialLoaded e) {
            inUse(e.credential(), e.chain());
        } else if (event instanceof AuditEvent.CredentialReloaded e) {
            inUse(e.credential(), e.chain());
            reload("credential", event);
        } else if (event instanceof AuditEvent.CredentialReloadFailed) {
            reload("credential", event);
        } else if (event instanceof AuditEvent.TrustReloaded || event instanceof AuditEvent.TrustReloadFailed) {
            reload("trust", event);
        } else if (event instanceof AuditEvent.PolicyReloaded || event instanceof AuditEvent.PolicyReloadFailed) {
            reload("policy", event);
        } else if (event instanceof AuditEvent.CertificateRenewed || event instanceof AuditEvent.RenewalFailed) {
            count("renewals", "Renewals of certificates", outcome(event));
        } else if (event instanceof AuditEvent.EnrolmentGranted) {
            enrolment("granted", "none");
        } else if (event instanceof AuditEvent.EnrolmentRefused e) {
            enrolment("refused", e.reason());
        } else if (event instanceof AuditEvent.RelaxedModeOn) {
            count("relaxed", "Times relaxed validation was switched on", Tags.empty());
        }
    }

    private void enrolment(String outcome, String reason) {
        count(
                "enrolments",
                "Requests for certificates over the network by outcome",
                Tags.of("outcome", outcome, "reason", reason));
    }

    private void handshake(ConnectionFacts connection, String outcome, String reason) {
        String resumed =
                connection.tls().map(tls -> Boolean.toString(tls.resumed())).orElse("false");
        count(
                "handshakes",
                "TLS handshakes by outcome",
                Tags.of("outcome", outcome, "reason", reason, "resumed", resumed)
                        .and(side(connection)));
    }

    /** The names of rules come from our own file; over many reloads there may be more than a label should have values. */
    private void rule(AuditEvent.CallDecided event) {
        String name = event.decision().rule().orElse("none");
        boolean isKnown = rules.contains(name) || (rules.size() < MAX_RULES && rules.add(name));
        count(
                "rule.decisions",
                "Decisions by access rule",
                Tags.of(
                        "server",
                        event.call().server(),
                        "rule",
                        isKnown ? name : OTHER,
                        "outcome",
                        outcome(event.decision())));
    }

    private static String outcome(Decision decision) {
        if (decision instanceof Decision.Deny deny) {
            return deny.isRateLimited() ? "rate-limited" : "denied";
        }
        return ((Decision.Permit) decision).would().isPresent() ? "would-be-denied" : "permitted";
    }

    private void session(String outcome) {
        count("sessions", "Legacy MCP sessions", Tags.of("outcome", outcome));
    }

    private void reload(String what, AuditEvent event) {
        count(
                "reloads",
                "Reloads of credentials and trust files",
                outcome(event).and("what", what));
    }

    private void inUse(String credential, Chain chain) {
        Instant end = chain.leaf().getNotAfter().toInstant();
        if (ends.put(credential, end) == null) {
            gauge(
                    "certificate.not.after.timestamp.seconds",
                    "When the certificate in use expires, in seconds since 1970",
                    ends,
                    all -> all.getOrDefault(credential, end).getEpochSecond(),
                    "credential",
                    credential);
        }
    }

    private Tags labels(Call call) {
        String method = METHODS.contains(call.method()) ? call.method() : OTHER;
        Set<String> known = tools.getOrDefault(call.server(), Set.of());
        String tool = !method.equals("tools/call") ? "none" : known.contains(call.target()) ? call.target() : OTHER;
        return Tags.of("server", call.server(), "method", method, "tool", tool);
    }

    private static Tags side(ConnectionFacts connection) {
        return Tags.of("side", connection.side().name().toLowerCase(Locale.ROOT));
    }

    private static Tags outcome(AuditEvent event) {
        return Tags.of("outcome", event.action().outcome().name().toLowerCase(Locale.ROOT));
    }

    private void count(String name, String help, Tags labels) {
        Counter.builder("mcp.mtls." + name)
                .description(help)
                .tags(labels)
                .register(registry)
                .increment();
    }
}
