// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.runtime.settings.OauthEntry.Introspection;
import dev.mcpmtls.runtime.settings.OauthEntry.Issuer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads {@code oauth} of a server, with the position of every mistake. */
final class OauthReader {

    private static final List<String> KEYS = List.of("issuers", "audience", "scopes", "require", "require-bound");
    private static final List<String> ISSUER_KEYS =
            List.of("url", "jwks", "plain-jwt", "client-credential", "introspect");
    private static final List<String> INTROSPECT_KEYS = List.of("client", "secret-file", "endpoint");
    private static final String FORM = "; write for example [https://login.example]";

    private final String file;
    private final String path;

    /**
     * A value with its place.
     *
     * @param content a text, a list of nodes, or a map of names to nodes
     */
    private record Node(String where, Object content) {}

    private OauthReader(String file, String path) {
        this.file = file;
        this.path = path;
    }

    /**
     * Reads an object.
     *
     * @param yaml at its start; afterwards at its end
     * @param file its name, for messages
     * @param path of the key, for example {@code servers.weather.oauth}
     */
    static OauthEntry read(JsonParser yaml, String file, String path) {
        OauthReader reader = new OauthReader(file, path);
        return reader.entry(reader.node(yaml));
    }

    private Node node(JsonParser yaml) {
        String where = file + ":" + yaml.currentTokenLocation().getLineNr();
        if (yaml.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Node> members = new LinkedHashMap<>();
            while (yaml.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = yaml.currentName();
                yaml.nextToken();
                members.put(name, node(yaml));
            }
            return new Node(where, members);
        }
        if (yaml.currentToken() == JsonToken.START_ARRAY) {
            List<Node> elements = new ArrayList<>();
            while (yaml.nextToken() != JsonToken.END_ARRAY) {
                elements.add(node(yaml));
            }
            return new Node(where, elements);
        }
        return new Node(where, yaml.currentToken() == JsonToken.VALUE_NULL ? "" : yaml.getString());
    }

    private OauthEntry entry(Node node) {
        Map<String, Node> members = members(node, path, KEYS);
        Node issuers = members.get("issuers");
        if (issuers == null) {
            throw bad(node, path, "issuers are missing" + FORM);
        }
        List<Issuer> all =
                list(issuers, path + ".issuers").stream().map(this::issuer).toList();
        if (all.isEmpty()) {
            throw bad(issuers, path + ".issuers", "takes at least one authorization server" + FORM);
        }
        if (all.stream().map(Issuer::url).distinct().count() < all.size()) {
            throw bad(issuers, path + ".issuers", "names an authorization server twice");
        }
        List<String> scopes = !members.containsKey("scopes")
                ? List.of()
                : list(members.get("scopes"), path + ".scopes").stream()
                        .map(scope -> parsed(scope, path + ".scopes", OauthReader::scope))
                        .toList();
        return new OauthEntry(
                all,
                optional(members, path, "audience", text -> text),
                scopes,
                optional(members, path, "require", OauthReader::isTrue).orElse(false),
                optional(members, path, "require-bound", OauthReader::isTrue).orElse(true),
                node.where());
    }

    private Issuer issuer(Node node) {
        String at = path + ".issuers";
        if (node.content() instanceof String) {
            String url = parsed(node, at, OauthReader::issuerUrl);
            return new Issuer(url, Optional.empty(), false, Optional.empty(), Optional.empty(), node.where());
        }
        Map<String, Node> members = members(node, at, ISSUER_KEYS);
        Node introspect = members.get("introspect");
        return new Issuer(
                optional(members, at, "url", OauthReader::issuerUrl)
                        .orElseThrow(() -> bad(node, at, "the url is missing; write {url: https://login.example}")),
                optional(members, at, "jwks", OauthReader::url),
                optional(members, at, "plain-jwt", OauthReader::isTrue).orElse(false),
                optional(members, at, "client-credential", text -> text),
                introspect == null ? Optional.empty() : Optional.of(introspection(introspect, at + ".introspect")),
                node.where());
    }

    private Introspection introspection(Node node, String at) {
        Map<String, Node> members = members(node, at, INTROSPECT_KEYS);
        return new Introspection(
                optional(members, at, "client", text -> text)
                        .orElseThrow(() -> bad(
                                node,
                                at,
                                "the client is missing; write {client: ID, secret-file: secrets/introspection}")),
                optional(members, at, "secret-file", Path::of),
                optional(members, at, "endpoint", OauthReader::url));
    }

    private static String scope(String text) {
        if (!text.matches("[!#-\\[\\]-~]+")) {
            throw new IllegalArgumentException("not a scope: " + Printable.quote(text) + "; write each one by itself");
        }
        return text;
    }

    /** An issuer is compared character by character, so its text stays. */
    private static String issuerUrl(String text) {
        URI url = url(text);
        if (url.getRawQuery() != null || url.getRawFragment() != null) {
            throw new IllegalArgumentException("an issuer has neither query nor fragment: " + Printable.quote(text));
        }
        return text;
    }

    private static URI url(String text) {
        try {
            URI url = URI.create(text);
            boolean isHttp = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
            if (isHttp && url.getHost() != null && url.getRawUserInfo() == null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new IllegalArgumentException("not an https URL with a host: " + Printable.quote(text));
    }

    private static boolean isTrue(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("takes true or false");
        }
        return text.equals("true");
    }

    @SuppressWarnings("unchecked") // made above, as such
    private static Map<String, Node> members(Node node, String at, List<String> keys) {
        if (!(node.content() instanceof Map)) {
            throw bad(node, at, "takes keys of its own: " + String.join(", ", keys));
        }
        Map<String, Node> members = (Map<String, Node>) node.content();
        members.forEach((key, value) -> {
            if (!keys.contains(key)) {
                throw bad(
                        value,
                        at + "." + Printable.clean(key),
                        Nearest.to(key, keys, 2)
                                .map(known -> "unknown key; did you mean " + known + "?")
                                .orElse("unknown key; there are " + String.join(", ", keys)));
            }
        });
        return members;
    }

    @SuppressWarnings("unchecked") // made above, as such
    private static List<Node> list(Node node, String at) {
        if (!(node.content() instanceof List)) {
            throw bad(node, at, "takes a list");
        }
        return (List<Node>) node.content();
    }

    private static <T> Optional<T> optional(
            Map<String, Node> members, String at, String key, Function<String, T> parse) {
        return Optional.ofNullable(members.get(key)).map(node -> parsed(node, at + "." + key, parse));
    }

    private static <T> T parsed(Node node, String at, Function<String, T> parse) {
        if (!(node.content() instanceof String text) || text.isEmpty()) {
            throw bad(node, at, "takes one value");
        }
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw bad(node, at, String.valueOf(e.getMessage()));
        }
    }

    private static BadSettingException bad(Node node, String at, String why) {
        return new BadSettingException(node.where() + ": " + at + ": " + why);
    }
}
