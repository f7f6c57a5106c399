// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        file.put("logins", kept.logins().stream().map(Instant::toString).toList());
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
            List<Instant> logins =
                    strings(file.get("logins")).map(Instant::parse).toList();
            return Optional.of(new Kept(text(file, "issuer"), clients, token, logins));
        } catch (InvalidMessageException | IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Registration client(Map<String, Object> fields) {
        return new Registration(
                needed(fields, "id"), text(fields, "secret"), needed(fields, "method"), url(fields, "redirect"));
    }

    private static Token token(Map<String, Object> fields) {
        return new Token(
                value(fields),
                url(fields, "issuer"),
                url(fields, "resource"),
                strings(fields.get("scopes")).collect(Collectors.toSet()),
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

    private static Stream<String> strings(@Nullable Object value) {
        return value instanceof List<?> list ? list.stream().map(String::valueOf) : Stream.empty();
    }

    /** It becomes part of a header. */
    private static String value(Map<String, Object> fields) {
        String value = needed(fields, "value");
        if (!value.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new IllegalArgumentException("no header can have the token");
        }
        return value;
    }

    private static String url(Map<String, Object> fields, String name) {
        String url = needed(fields, name);
        if (URI.create(url).getHost() == null) {
            throw new IllegalArgumentException(name + " is no URL");
        }
        return url;
    }

    private static Optional<String> text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    private static String needed(Map<String, Object> fields, String name) {
        return text(fields, name).orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
    }
}
