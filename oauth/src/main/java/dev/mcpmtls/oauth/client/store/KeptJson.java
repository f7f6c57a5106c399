// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The form of the store's files. */
final class KeptJson {

    private static final Json JSON = new Json(8, 64 * 1024);

    private KeptJson() {}

    static byte[] write(Kept kept) {
        Map<String, Object> file = new LinkedHashMap<>();
        kept.issuer().ifPresent(issuer -> file.put("issuer", issuer));
        Map<String, Object> clients = new LinkedHashMap<>();
        kept.registrations().forEach((issuer, client) -> clients.put(issuer, client(client)));
        file.put("clients", clients);
        kept.token().ifPresent(token -> file.put("token", token(token)));
        return JSON.write(file);
    }

    private static Map<String, Object> client(Registration client) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", client.clientId());
        client.secret().ifPresent(secret -> fields.put("secret", secret));
        fields.put("method", client.method());
        fields.put("redirect", client.redirect());
        return fields;
    }

    private static Map<String, Object> token(Token token) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("value", token.value());
        fields.put("issuer", token.issuer());
        fields.put("resource", token.resource());
        fields.put("scopes", List.copyOf(token.scopes()));
        fields.put("issued", token.issuedAt().toString());
        token.expiresAt().ifPresent(at -> fields.put("expires", at.toString()));
        token.refreshToken().ifPresent(refresh -> fields.put("refresh", refresh));
        token.certificate().ifPresent(digest -> fields.put("certificate", digest));
        token.proofKey().ifPresent(key -> fields.put("key", key));
        return fields;
    }

    /** The contents of a file; empty when it has another form. */
    static Optional<Kept> read(byte[] bytes) {
        try {
            Map<String, Object> file = JSON.read(new String(bytes, StandardCharsets.UTF_8));
            Map<String, Registration> clients = object(file.get("clients")).entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, entry -> client(object(entry.getValue()))));
            Optional<Token> token =
                    file.containsKey("token") ? Optional.of(token(object(file.get("token")))) : Optional.empty();
            return Optional.of(new Kept(text(file, "issuer"), clients, token));
        } catch (InvalidMessageException | IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Registration client(Map<String, Object> fields) {
        return new Registration(
                needed(fields, "id"), text(fields, "secret"), needed(fields, "method"), needed(fields, "redirect"));
    }

    private static Token token(Map<String, Object> fields) {
        return new Token(
                needed(fields, "value"),
                needed(fields, "issuer"),
                needed(fields, "resource"),
                fields.get("scopes") instanceof List<?> scopes
                        ? scopes.stream().map(String::valueOf).collect(Collectors.toSet())
                        : java.util.Set.of(),
                Instant.parse(needed(fields, "issued")),
                text(fields, "expires").map(Instant::parse),
                text(fields, "refresh"),
                text(fields, "certificate"),
                text(fields, "key"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static Optional<String> text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    private static String needed(Map<String, Object> fields, String name) {
        return text(fields, name).orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
    }
}
