// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.identity.Printable;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One line of the log, read back.
 *
 * <p>The names of its fields:
 *
 * <ul>
 *   <li>The event: {@code @timestamp}, {@code event.action}, {@code event.outcome}, {@code event.reason}, {@code event.sequence},
 *       {@code message}, {@code service.name}.
 *   <li>The peer's address: {@code source.ip} and {@code source.port} when it connected to us, {@code destination.ip} and
 *       {@code destination.port} when we connected to it.
 *   <li>TLS: {@code tls.version}, {@code tls.cipher}, {@code tls.resumed}.
 *   <li>Certificates: a client's as {@code tls.client.x509.*} and {@code tls.client.hash.sha256}, a server's as {@code tls.server.…},
 *       our own as {@code file.x509.*}.
 *   <li>Ours: {@code mcp_mtls.identity}, {@code .assurance}, {@code .validation}, {@code .would_reject}, {@code .findings},
 *       {@code .alert}, {@code .remedy}, {@code .connection_id}, {@code .balancer}, {@code .session}, {@code .server}, {@code .method}, {@code .target},
 *       {@code .token.issuer}, {@code .token.subject}, {@code .token.client}, {@code .token.bound}, {@code .token.bound_to_sha256},
 *       {@code .credential}, {@code .relaxations}, {@code .count}, {@code .reasons}, {@code .addresses}, {@code .lost}, {@code .torn},
 *       {@code .chain}.
 * </ul>
 *
 * @param line the JSON object as in the file
 * @param fields its names and values; a list's elements are joined by commas
 */
public record AuditRecord(String line, Map<String, String> fields) {

    private static final JsonFactory JSON = new JsonFactory();

    /** Parses a line; empty when it is not a record. */
    static Optional<AuditRecord> parse(String line) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), line)) {
            AuditRecord record = new AuditRecord(line, fields(parser));
            record.at();
            record.sequence();
            return record.field("mcp_mtls.chain").isEmpty() ? Optional.empty() : Optional.of(record);
        } catch (JacksonException | DateTimeException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The value of a field, for example {@code event.action}; empty text when the record has none. */
    public String field(String name) {
        return fields.getOrDefault(name, "");
    }

    /** The time of the event. */
    public Instant at() {
        return Instant.parse(field("@timestamp"));
    }

    /** Its number in the chain, from 1. */
    public long sequence() {
        return Long.parseLong(field("event.sequence"));
    }

    /** The name or address of the other side, or of the credential concerned; the most exact in the record. */
    public String subject() {
        for (String name : new String[] {"mcp_mtls.identity", "mcp_mtls.credential", "source.ip", "destination.ip"}) {
            if (!field(name).isEmpty()) {
                return field(name);
            }
        }
        return "";
    }

    /** Whether it records a success. */
    public boolean isSuccess() {
        return field("event.outcome").equals("success");
    }

    /** One line of plain text; a peer's text in it is escaped and bounded. */
    public String rendered() {
        StringBuilder out = new StringBuilder();
        out.append(at().truncatedTo(ChronoUnit.SECONDS)).append(isSuccess() ? "  ok      " : "  refused ");
        out.append(String.format("%-22s ", field("event.action")));
        if (!field("service.name").isEmpty()) {
            out.append(field("service.name")).append(": ");
        }
        if (!field("event.reason").isEmpty()) {
            out.append(field("event.reason")).append(": ");
        }
        out.append(field("message"));
        String connection = field("mcp_mtls.connection_id");
        if (!connection.isEmpty()) {
            out.append("  [").append(connection).append(']');
        }
        return Printable.line(out.toString());
    }

    private static Map<String, String> fields(JsonParser parser) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return fields;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            fields.put(name, value(parser));
        }
        return fields;
    }

    private static String value(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_ARRAY) {
            return parser.getString();
        }
        StringBuilder joined = new StringBuilder();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            joined.append(joined.isEmpty() ? "" : ",").append(parser.getString());
        }
        return joined.toString();
    }
}
