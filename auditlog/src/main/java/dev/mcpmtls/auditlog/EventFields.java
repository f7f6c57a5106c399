// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.CallDecided;
import dev.mcpmtls.audit.AuditEvent.CallPlanned;
import dev.mcpmtls.audit.AuditEvent.CertificateIssued;
import dev.mcpmtls.audit.AuditEvent.CertificateRenewed;
import dev.mcpmtls.audit.AuditEvent.CertificateRevoked;
import dev.mcpmtls.audit.AuditEvent.CredentialExpiring;
import dev.mcpmtls.audit.AuditEvent.CredentialLoaded;
import dev.mcpmtls.audit.AuditEvent.CredentialReloadFailed;
import dev.mcpmtls.audit.AuditEvent.CredentialReloaded;
import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.PeerLapsed;
import dev.mcpmtls.audit.AuditEvent.PolicyReloadFailed;
import dev.mcpmtls.audit.AuditEvent.PolicyReloaded;
import dev.mcpmtls.audit.AuditEvent.RejectionsSummarised;
import dev.mcpmtls.audit.AuditEvent.RelaxedModeOn;
import dev.mcpmtls.audit.AuditEvent.RenewalFailed;
import dev.mcpmtls.audit.AuditEvent.SessionOpened;
import dev.mcpmtls.audit.AuditEvent.SessionRefused;
import dev.mcpmtls.audit.AuditEvent.TaskBegun;
import dev.mcpmtls.audit.AuditEvent.TaskEnded;
import dev.mcpmtls.audit.AuditEvent.TlsAccepted;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.audit.AuditEvent.TokenRefused;
import dev.mcpmtls.audit.AuditEvent.TolerancesOn;
import dev.mcpmtls.audit.AuditEvent.ToolAccepted;
import dev.mcpmtls.audit.AuditEvent.ToolChanged;
import dev.mcpmtls.audit.AuditEvent.TrustReloadFailed;
import dev.mcpmtls.audit.AuditEvent.TrustReloaded;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.Trace;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Tolerance;
import java.net.InetSocketAddress;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An event under the names of the Elastic Common Schema, in the order in which they are written, without the time stamp. */
final class EventFields {

    private static final int MAX_TEXT = 1024;
    private static final int MAX_LIST = 32;

    private final Map<String, Object> fields = new LinkedHashMap<>();

    private EventFields() {}

    /** The fields of an event; those of a session, a token or a call omit its connection and peer, which {@link #counterpart} has. */
    static Map<String, Object> of(AuditEvent event, String service) {
        EventFields fields = begun(event.action());
        fields.put("service.name", service);
        fields.add(event);
        return fields.fields;
    }

    private static EventFields begun(AuditEvent.Action action) {
        EventFields fields = new EventFields();
        fields.put("event.action", action.text());
        fields.put("event.outcome", action.outcome() == AuditEvent.Outcome.SUCCESS ? "success" : "failure");
        return fields;
    }

    /** The fields of a connection and its peer. */
    static Map<String, Object> counterpart(ConnectionFacts connection, Peer peer) {
        EventFields fields = new EventFields();
        fields.connection(connection);
        fields.peer(peer, connection);
        return fields.fields;
    }

    /** The place of a call in the traces of its callers. */
    static Map<String, Object> trace(Trace trace) {
        EventFields fields = new EventFields();
        fields.put("trace.id", trace.traceId());
        fields.put("span.id", trace.spanId());
        return fields.fields;
    }

    /** The log's own record of an interruption, with the records that may be missing. */
    static Map<String, Object> resumed(long lost, String torn) {
        EventFields fields = begun(AuditEvent.Action.AUDIT_RESUMED);
        if (lost > 0) {
            fields.why("AUDIT_UNAVAILABLE", Printable.count(lost, "record") + " could not be written before this one");
            fields.put("mcp_mtls.lost", lost);
        } else {
            // One line holds at most as much as a record.
            String remains = torn.replaceFirst("\\x00+$", "");
            int nuls = torn.length() - remains.length();
            fields.why(
                    "TORN_RECORD",
                    "a crash cut off the last record; its remains are kept here"
                            + (nuls == 0 ? "" : ", without the " + nuls + " NUL bytes behind them"));
            fields.put("mcp_mtls.torn", remains);
        }
        return fields.fields;
    }

    private void add(AuditEvent event) {
        if (event instanceof TlsAccepted e) {
            message(e.peer().acceptance());
            if (e.peer().isOfUnknownRevocation()) {
                put("event.reason", Reason.REVOCATION_UNKNOWN.name());
            }
            connection(e.connection());
            put("mcp_mtls.validation", e.validation().text());
            peer(e.peer(), e.connection());
        } else if (event instanceof TlsRejected e) {
            why(e.findings().get(0));
            connection(e.connection());
            put("mcp_mtls.validation", e.validation().text());
            put("mcp_mtls.findings", codes(e.findings()));
            put("mcp_mtls.alert", e.findings().get(0).reason().alert().text());
            e.presented().ifPresent(chain -> certificate(peerPrefix(e.connection()), chain));
        } else if (event instanceof HandshakeFailed e) {
            why(e.reason(), e.why());
            connection(e.connection());
        } else if (event instanceof RejectionsSummarised e) {
            why(
                    "TOO_MANY_REJECTIONS",
                    e.count() + " more peers were refused since " + e.since().truncatedTo(ChronoUnit.SECONDS));
            put("mcp_mtls.count", e.count());
            put("mcp_mtls.reasons", counts(e.reasons()));
            put("mcp_mtls.addresses", counts(e.addresses()));
        } else if (event instanceof PeerLapsed e) {
            why(e.rejection());
            connection(e.connection());
            peer(e.peer(), e.connection());
        } else if (event instanceof SessionOpened e) {
            message("session opened by " + e.peer());
            session(e.session());
            e.token().ifPresent(this::token);
        } else if (event instanceof SessionRefused e) {
            why("SESSION_REFUSED", e.why());
            session(e.session());
            e.token().ifPresent(this::token);
        } else if (event instanceof TokenRefused e) {
            why(e.reason(), "access token of " + e.peer() + " refused: " + e.why());
            put("mcp_mtls.server", e.server());
            e.token().ifPresent(this::token);
            e.boundTo().ifPresent(certificate -> put("mcp_mtls.token.bound_to_sha256", certificate));
        } else if (event instanceof CallDecided e) {
            call(e);
        } else if (event instanceof TaskBegun e) {
            task(e.caller(), e.call(), e.task(), "begun");
        } else if (event instanceof TaskEnded e) {
            task(e.caller(), e.call(), e.task(), e.end().text());
            if (e.action() == AuditEvent.Action.TASK_FAILED) {
                put("event.reason", "TASK_" + e.end());
            }
        } else if (event instanceof CallPlanned e) {
            callPlanned(e);
        } else if (event instanceof ToolChanged e) {
            toolChanged(e);
        } else if (event instanceof ToolAccepted e) {
            toolAccepted(e);
        } else {
            addOwn(event);
        }
    }

    /** Events about our own credentials and settings. */
    private void addOwn(AuditEvent event) {
        if (event instanceof CredentialLoaded e) {
            credential("credential loaded", e.credential(), e.chain());
        } else if (event instanceof CredentialReloaded e) {
            credential("credential reloaded", e.credential(), e.chain());
        } else if (event instanceof CredentialReloadFailed e) {
            why("RELOAD_FAILED", e.why());
            put("mcp_mtls.credential", e.credential());
        } else if (event instanceof CredentialExpiring e) {
            credential(
                    "credential expires in " + Printable.count(e.left().toMinutes(), "minute"),
                    e.credential(),
                    e.chain());
        } else if (event instanceof TrustReloaded e) {
            message("reloaded: " + e.what());
        } else if (event instanceof TrustReloadFailed e) {
            why("RELOAD_FAILED", e.why());
        } else if (event instanceof PolicyReloaded e) {
            message("access rules reloaded from " + e.file() + ": " + e.contents());
        } else if (event instanceof PolicyReloadFailed e) {
            why("RELOAD_FAILED", e.why());
        } else if (event instanceof CertificateIssued e) {
            credential("certificate issued", e.credential(), e.chain());
        } else if (event instanceof CertificateRenewed e) {
            credential("certificate renewed", e.credential(), e.chain());
        } else if (event instanceof RenewalFailed e) {
            why("RENEWAL_FAILED", e.why());
            put("mcp_mtls.credential", e.credential());
        } else if (event instanceof CertificateRevoked e) {
            message("certificate revoked: " + e.credential());
            put("mcp_mtls.credential", e.credential());
            put("file.x509.serial_number", CertificateFields.serialNumber(e.serialNumber()));
        } else if (event instanceof RelaxedModeOn e) {
            message("relaxed validation is on for " + e.where());
            put(
                    "mcp_mtls.relaxations",
                    e.relaxations().stream().sorted().map(Relaxation::text).toList());
        } else if (event instanceof TolerancesOn e) {
            message("faults of form are tolerated for " + e.where());
            put(
                    "mcp_mtls.tolerances",
                    e.tolerances().stream().sorted().map(Tolerance::text).toList());
        } else {
            EnrolmentFields.of(event, this::put);
        }
    }

    /** The largest first. */
    private static List<String> counts(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    private void call(CallDecided e) {
        Call call = e.call();
        String what = call.target().isEmpty() ? call.method() : call.method() + " " + call.target();
        if (e.decision() instanceof Decision.Deny deny) {
            why(
                    deny.isRateLimited() ? "RATE_LIMITED" : "DENIED_BY_POLICY",
                    what + " denied to " + e.caller() + ": " + deny.why());
        } else {
            permitted(e, what);
        }
        e.decision().rule().ifPresent(rule -> put("rule.name", rule));
        if (!e.decision().failed().isEmpty()) {
            put("mcp_mtls.failed_rules", e.decision().failed());
        }
        place(call);
    }

    private void token(AccessToken token) {
        put("mcp_mtls.token.issuer", token.issuer());
        put("mcp_mtls.token.subject", token.subject());
        token.client().ifPresent(client -> put("mcp_mtls.token.client", client));
        put("mcp_mtls.token.bound", token.bound());
    }

    private void permitted(CallDecided e, String what) {
        String message = what + " permitted to " + e.caller();
        Optional<Decision.Deny> would =
                e.decision() instanceof Decision.Permit permit ? permit.would() : Optional.empty();
        would.ifPresentOrElse(
                deny -> {
                    why("WOULD_BE_DENIED", message + " in shadow mode; enforced, it would be denied: " + deny.why());
                    put("mcp_mtls.would", deny.isRateLimited() ? "rate-limit" : "deny");
                },
                () -> message(message));
    }

    private void task(Peer caller, Call call, String task, String how) {
        message("task of " + call.target() + " for " + caller + ": " + how);
        place(call);
        put("mcp_mtls.task", task);
    }

    private void place(Call call) {
        put("mcp_mtls.server", call.server());
        put("mcp_mtls.method", call.method());
        if (!call.target().isEmpty()) {
            put("mcp_mtls.target", call.target());
        }
        call.token().ifPresent(this::token);
    }

    private void callPlanned(CallPlanned e) {
        message("the model " + e.model() + " has " + e.tool() + " of " + e.server() + " called");
        put("mcp_mtls.model", e.model());
        put("mcp_mtls.server", e.server());
        put("mcp_mtls.target", e.tool());
    }

    private void toolChanged(ToolChanged e) {
        why(e.reason(), e.name() + " of " + e.server() + " is withheld: " + e.why());
        put("mcp_mtls.server", e.server());
        put("mcp_mtls.target", e.name());
        e.pinned().ifPresent(digest -> put("mcp_mtls.pinned_sha256", digest));
        e.offered().ifPresent(digest -> put("mcp_mtls.offered_sha256", digest));
    }

    private void toolAccepted(ToolAccepted e) {
        message(e.name() + " of " + e.server()
                + (e.now().isPresent() ? " was accepted" : " was removed from the pins"));
        put("mcp_mtls.server", e.server());
        put("mcp_mtls.target", e.name());
        e.before().ifPresent(digest -> put("mcp_mtls.pinned_sha256", digest));
        e.now().ifPresent(digest -> put("mcp_mtls.offered_sha256", digest));
    }

    private void session(String session) {
        if (!session.isEmpty()) {
            put("mcp_mtls.session", session);
        }
    }

    private void connection(ConnectionFacts connection) {
        String end = connection.side() == ConnectionFacts.Side.SERVER ? "source" : "destination";
        put(end + ".ip", ip(connection.remote()));
        put(end + ".port", connection.remote().getPort());
        connection.balancer().ifPresent(balancer -> put("mcp_mtls.balancer", ip(balancer)));
        connection.tls().ifPresent(tls -> {
            put("tls.version", tls.version().replace("TLSv", ""));
            put("tls.cipher", tls.cipher());
            put("tls.resumed", tls.resumed());
        });
        put("mcp_mtls.connection_id", connection.id());
    }

    private static String ip(InetSocketAddress address) {
        return address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
    }

    private void peer(Peer peer, ConnectionFacts connection) {
        put("mcp_mtls.identity", peer.identity().text());
        put("mcp_mtls.assurance", peer.assurance().name());
        if (!peer.relaxed().isEmpty()) {
            put("mcp_mtls.would_reject", codes(peer.relaxed()));
        }
        if (peer.isOfUnknownRevocation()) {
            put("mcp_mtls.revocation", "unknown");
        }
        certificate(peerPrefix(connection), peer.chain());
    }

    private static String peerPrefix(ConnectionFacts connection) {
        return connection.side() == ConnectionFacts.Side.SERVER ? "tls.client." : "tls.server.";
    }

    private void credential(String message, String name, Chain chain) {
        message(message + ": " + name + ", valid until "
                + chain.leaf().getNotAfter().toInstant());
        put("mcp_mtls.credential", name);
        certificate("file.", chain);
    }

    private void certificate(String prefix, Chain chain) {
        CertificateFields.of(chain).forEach((name, value) -> put(prefix + name, value));
    }

    private static List<String> codes(List<Rejection> findings) {
        return findings.stream().map(finding -> finding.reason().name()).toList();
    }

    private void why(Rejection rejection) {
        String remedy = rejection.remedy().toString();
        why(rejection.reason().name(), rejection.explain() + "; " + remedy);
        put("mcp_mtls.remedy", remedy);
    }

    private void why(String reason, String message) {
        put("event.reason", reason);
        message(message);
    }

    private void message(String message) {
        put("message", message);
    }

    private void put(String name, Object value) {
        if (value instanceof String text) {
            fields.put(name, bounded(text));
        } else if (value instanceof List<?> list) {
            fields.put(
                    name,
                    list.stream()
                            .limit(MAX_LIST)
                            .map(item -> bounded(item.toString()))
                            .toList());
        } else {
            fields.put(name, value);
        }
    }

    private static String bounded(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
    }
}
