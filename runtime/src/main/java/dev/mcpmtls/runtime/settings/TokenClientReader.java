// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.runtime.settings.OAuthKeys.TokenMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the client of an authorization server out of an entry: the keys of the section {@code oauth}, without a person. */
final class TokenClientReader {

    private static final String SECTION = "oauth.";
    private static final List<String> KEYS = OAuthKeys.all().stream()
            .map(key -> key.path().substring(SECTION.length()))
            .toList();

    private final String section;
    private final String where;
    private final Map<String, Object> members;

    private TokenClientReader(String section, String where, Map<String, Object> members) {
        this.section = section;
        this.where = where;
        this.members = members;
    }

    /**
     * Reads it.
     *
     * @param section its place, for example {@code servers.crm.client-oauth}
     * @param where the entry begins, for messages
     * @param members texts, and lists of texts
     */
    static TokenClient read(String section, String where, Map<String, Object> members) {
        return new TokenClientReader(section, where, members).client();
    }

    private TokenClient client() {
        members.keySet().stream().filter(key -> !KEYS.contains(key)).findFirst().ifPresent(key -> {
            throw bad(
                    Printable.clean(key),
                    Nearest.to(key, KEYS, 2)
                            .map(known -> "unknown key; did you mean " + known + "?")
                            .orElse("unknown key; there are " + String.join(", ", KEYS)));
        });
        TokenMethod method = find(OAuthKeys.METHOD)
                .filter(found -> found != TokenMethod.LOGIN)
                .orElseThrow(() -> bad(
                        "method",
                        "there is no person who logs in; write how this program authenticates: " + unattended()));
        TokenClient client = new TokenClient(
                section,
                find(OAuthKeys.ISSUER),
                find(OAuthKeys.CLIENT_ID),
                method,
                find(OAuthKeys.SECRET_FILE),
                find(OAuthKeys.KEY_FILE),
                find(OAuthKeys.SCOPES).orElse(List.of()),
                find(OAuthKeys.ALLOW).orElse(List.of()));
        require(OAuthKeys.ISSUER, client.issuer());
        require(OAuthKeys.CLIENT_ID, client.id());
        if (method == TokenMethod.SECRET) {
            require(OAuthKeys.SECRET_FILE, client.secret());
        } else if (method == TokenMethod.KEY) {
            require(OAuthKeys.KEY_FILE, client.key());
        }
        return client;
    }

    private static String unattended() {
        return Stream.of(TokenMethod.values())
                .filter(method -> method != TokenMethod.LOGIN)
                .map(method -> method.name().toLowerCase(java.util.Locale.ROOT))
                .collect(Collectors.joining(", "));
    }

    private void require(Key<?> key, Optional<?> value) {
        if (value.isEmpty()) {
            throw bad(name(key), "is missing; " + key.doc());
        }
    }

    private static String name(Key<?> key) {
        return key.path().substring(SECTION.length());
    }

    private <T> Optional<T> find(Key<T> key) {
        Object value = members.get(name(key));
        if (value == null) {
            return Optional.empty();
        }
        boolean isList = value instanceof List;
        if (isList != key.type().isList() || !(isList || value instanceof String)) {
            throw bad(name(key), key.type().isList() ? "takes a list" : "takes one value");
        }
        List<String> elements = value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of(String.valueOf(value));
        try {
            return Optional.of(key.type().parse().apply(elements));
        } catch (IllegalArgumentException e) {
            throw bad(name(key), String.valueOf(e.getMessage()));
        }
    }

    private BadSettingException bad(String key, String why) {
        return new BadSettingException(where + ": " + section + "." + key + ": " + why);
    }
}
