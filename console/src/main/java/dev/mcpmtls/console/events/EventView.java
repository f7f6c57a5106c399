// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.events;

import dev.mcpmtls.auditlog.AuditRecord;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A record of the audit log as the API shows it: a sentence with its cause and remedy, and the evidence. */
public final class EventView {

    private static final Pattern NAMES = Pattern.compile(",(?=(?:URI|DNS|IP|email|directory):)");
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-f]*:[0-9a-f:.]*");

    private final AuditRecord record;
    private final Map<String, Object> view = new LinkedHashMap<>();

    private EventView(AuditRecord record) {
        this.record = record;
    }

    /** The members of the event, in order; text is not yet cleaned. */
    public static Map<String, Object> of(AuditRecord record) {
        return new EventView(record).made();
    }

    private Map<String, Object> made() {
        view.put("id", record.sequence());
        view.put("at", record.field("@timestamp"));
        put("service", "service.name");
        put("action", "event.action");
        put("outcome", "event.outcome");
        put("reason", "event.reason");
        words();
        peer();
        connection();
        put("server", "mcp_mtls.server");
        put("method", "mcp_mtls.method");
        target();
        put("rule", "rule.name");
        put("would", "mcp_mtls.would");
        put("credential", "mcp_mtls.credential");
        put("session", "mcp_mtls.session");
        put("validation", "mcp_mtls.validation");
        put("alert", "mcp_mtls.alert");
        list("findings", "mcp_mtls.findings");
        list("wouldReject", "mcp_mtls.would_reject");
        list("failedRules", "mcp_mtls.failed_rules");
        list("relaxations", "mcp_mtls.relaxations");
        put("pinnedSha256", "mcp_mtls.pinned_sha256");
        put("offeredSha256", "mcp_mtls.offered_sha256");
        counts();
        certificate().ifPresent(certificate -> view.put("certificate", certificate));
        return view;
    }

    private void words() {
        String message = record.field("message");
        String remedy = record.field("mcp_mtls.remedy");
        String suffix = "; " + remedy;
        String cause = !remedy.isEmpty() && message.endsWith(suffix)
                ? message.substring(0, message.length() - suffix.length())
                : message;
        String action = record.field("event.action");
        view.put("sentence", action.equals("tls-rejected") ? refused() + ": " + cause : cause);
        if (!record.isSuccess() || !record.field("mcp_mtls.would").isEmpty()) {
            String to = " to " + record.field("mcp_mtls.identity") + " (" + record.field("mcp_mtls.assurance") + "): ";
            int decided = action.equals("call-denied") ? cause.indexOf(to) : -1;
            view.put("cause", decided < 0 ? cause : cause.substring(decided + to.length()));
            String acts = remedy.isEmpty() ? remedyFor(record.field("event.reason")) : remedy;
            if (!acts.isEmpty()) {
                view.put("remedy", acts);
            }
        }
    }

    private String refused() {
        String service = record.field("service.name");
        String us = service.isEmpty() ? "this process" : service;
        String other = claimed().or(this::address).orElse("a peer");
        boolean isByUs = !record.field("mcp_mtls.findings").isEmpty();
        return isByUs ? us + " refused " + other : "the handshake of " + other + " with " + us + " failed";
    }

    /** The remedy for a reason that is not a certificate's; empty when the cause has it, or there is none. */
    private static String remedyFor(String reason) {
        return switch (reason) {
            case "DENIED_BY_POLICY", "WOULD_BE_DENIED" ->
                Remedy.of("add a rule that permits it, or see which rules were considered")
                        .by(Verb.EXPLAIN_CALL)
                        .toString();
            case "REFUSED_BY_PEER" ->
                "have the peer trust the authority of our certificate, and dial a name that is in it";
            case "RATE_LIMITED" -> "call less often, or raise the rate of the rule";
            case "TOO_MANY_REJECTIONS" ->
                "look at the addresses; the limits audit.rejections and audit.rejections-per-address decide what is"
                        + " recorded one by one";
            case "TOOL_CHANGED", "TOOL_NEW", "TOOL_UNPINNABLE", "INSTRUCTIONS_CHANGED", "IDENTITY_CHANGED" ->
                Remedy.of("compare it with the approved one, and approve it if it is meant")
                        .by(Verb.SHOW_PINS)
                        .toString();
            default -> "";
        };
    }

    private void peer() {
        String identity = record.field("mcp_mtls.identity");
        if (!identity.isEmpty()) {
            view.put("peer", named(identity));
            put("assurance", "mcp_mtls.assurance");
            return;
        }
        claimed().ifPresent(name -> {
            view.put("peer", name);
            view.put("claimed", true);
        });
    }

    /** The name that a refused certificate claims; nothing vouches for it. */
    private Optional<String> claimed() {
        if (!record.field("file.hash.sha256").isEmpty()) {
            return Optional.empty(); // that one is ours
        }
        List<String> names = names();
        return names.stream()
                .filter(name -> name.startsWith("spiffe://"))
                .findFirst()
                .or(() -> names.stream()
                        .filter(name -> name.startsWith("dns:") || name.startsWith("ip:"))
                        .findFirst())
                .or(() -> Optional.of(x509("x509.subject.distinguished_name")).filter(name -> !name.isEmpty()));
    }

    private List<String> names() {
        String joined = x509("x509.alternative_names");
        List<String> names = new ArrayList<>();
        for (String name : joined.isEmpty() ? new String[0] : NAMES.split(joined, -1)) {
            names.add(
                    name.startsWith("URI:")
                            ? name.substring(4)
                            : name.startsWith("DNS:")
                                    ? "dns:" + name.substring(4)
                                    : name.startsWith("IP:") ? "ip:" + name.substring(3) : name);
        }
        return names;
    }

    /** As access rules write it. */
    private static String named(String identity) {
        if (identity.startsWith("spiffe://")) {
            return identity;
        }
        if (identity.startsWith("sha256/")) {
            return "pin:" + identity;
        }
        return (ADDRESS.matcher(identity).matches() ? "ip:" : "dns:") + identity;
    }

    private void connection() {
        address().ifPresent(address -> {
            view.put("address", address);
            if (!record.field("mcp_mtls.connection_id").isEmpty()) {
                view.put("side", isServerSide() ? "server" : "client");
            }
        });
        put("balancer", "mcp_mtls.balancer");
        put("connection", "mcp_mtls.connection_id");
        if (!record.field("tls.version").isEmpty()) {
            Map<String, Object> tls = new LinkedHashMap<>();
            tls.put("version", record.field("tls.version"));
            tls.put("cipher", record.field("tls.cipher"));
            tls.put("resumed", record.field("tls.resumed").equals("true"));
            view.put("tls", tls);
        }
    }

    private boolean isServerSide() {
        return !record.field("source.ip").isEmpty();
    }

    private Optional<String> address() {
        String end = isServerSide() ? "source" : "destination";
        String ip = record.field(end + ".ip");
        String port = record.field(end + ".port");
        if (ip.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(port.isEmpty() ? ip : (ip.contains(":") ? "[" + ip + "]" : ip) + ":" + port);
    }

    private void target() {
        boolean isTool = List.of("tools/call", "").contains(record.field("mcp_mtls.method"));
        put(isTool ? "tool" : "target", "mcp_mtls.target");
    }

    private void counts() {
        if (!record.field("mcp_mtls.count").isEmpty()) {
            view.put("count", Long.parseLong(record.field("mcp_mtls.count")));
            list("reasons", "mcp_mtls.reasons");
            list("addresses", "mcp_mtls.addresses");
        }
    }

    private Optional<Map<String, Object>> certificate() {
        if (x509("hash.sha256").isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> certificate = new LinkedHashMap<>();
        certificate.put("subject", x509("x509.subject.distinguished_name"));
        certificate.put("issuer", x509("x509.issuer.distinguished_name"));
        certificate.put("serialNumber", x509("x509.serial_number"));
        certificate.put("names", names());
        certificate.put("notBefore", x509("x509.not_before"));
        certificate.put("notAfter", x509("x509.not_after"));
        certificate.put("sha256", x509("hash.sha256"));
        return Optional.of(certificate);
    }

    /** A field of the peer's certificate, or of ours where the event is about that. */
    private String x509(String name) {
        for (String prefix : List.of("tls.client.", "tls.server.", "file.")) {
            if (!record.field(prefix + name).isEmpty()) {
                return record.field(prefix + name);
            }
        }
        return "";
    }

    private void put(String member, String field) {
        if (!record.field(field).isEmpty()) {
            view.put(member, record.field(field));
        }
    }

    private void list(String member, String field) {
        if (!record.field(field).isEmpty()) {
            view.put(member, List.of(record.field(field).split(",")));
        }
    }
}
