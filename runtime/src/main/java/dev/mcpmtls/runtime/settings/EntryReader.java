// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.runtime.settings.ServerEntry.Combined;
import dev.mcpmtls.runtime.settings.ServerEntry.Command;
import dev.mcpmtls.runtime.settings.ServerEntry.HeaderText;
import dev.mcpmtls.runtime.settings.ServerEntry.Source;
import dev.mcpmtls.runtime.settings.ServerEntry.Terms;
import dev.mcpmtls.runtime.settings.ServerEntry.Url;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads one server of the operator's own out of the section {@code servers}. */
final class EntryReader {

    private static final String CLIENT_OAUTH = "client-oauth";
    private static final Set<String> BOTH = Set.of("listen", "path", "credential", "timeout", "idle-timeout", "pin");
    private static final Set<String> OF_COMMAND =
            Set.of("command", "process", "max-processes", "env", "pass-env", "cwd");
    private static final Set<String> OF_COMBINATION = Set.of("listen", "path", "credential", "combine");
    private static final Set<String> OF_URL =
            Set.of("url", "headers", "client-credential", CLIENT_OAUTH, "unsafe-plain-upstream");

    private static final String OAUTH = "oauth";

    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern OURS = Pattern.compile(
            "host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|accept|mcp-.*|last-event-id|client-cert.*|x-mcp-mtls-.*");

    private final String name;
    private final String where;
    private final Map<String, Object> members;

    private EntryReader(String name, String where, Map<String, Object> members) {
        this.name = name;
        this.where = where;
        this.members = members;
    }

    /**
     * Reads an entry.
     *
     * @param yaml at the start of the entry's object; afterwards at its end
     * @param file its name, for messages
     * @param where the entry begins, for messages
     * @param oauth receives the access tokens that the server takes
     */
    static ServerEntry read(JsonParser yaml, String file, String name, String where, Consumer<OauthEntry> oauth) {
        Map<String, Object> members =
                object(yaml, where, () -> oauth.accept(OauthReader.read(yaml, file, "servers." + name + "." + OAUTH)));
        return new EntryReader(name, where, members).entry();
    }

    private static Map<String, Object> object(JsonParser yaml, String where, @Nullable Runnable readOauth) {
        Map<String, Object> members = new LinkedHashMap<>();
        while (yaml.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = yaml.currentName();
            JsonToken value = yaml.nextToken();
            if (readOauth != null && key.equals(OAUTH)) {
                readOauth.run();
            } else if (value == JsonToken.START_OBJECT) {
                members.put(key, object(yaml, where, null));
            } else if (value == JsonToken.START_ARRAY) {
                members.put(key, list(yaml, key, where));
            } else {
                members.put(key, value == JsonToken.VALUE_NULL ? "" : yaml.getString());
            }
        }
        return members;
    }

    private static List<String> list(JsonParser yaml, String key, String where) {
        List<String> list = new ArrayList<>();
        while (yaml.nextToken() != JsonToken.END_ARRAY) {
            if (!yaml.currentToken().isScalarValue()) {
                throw new BadSettingException(where + ": " + key + " takes a list of plain values");
            }
            list.add(yaml.getString());
        }
        return list;
    }

    private ServerEntry entry() {
        List<String> kinds = Stream.of("command", "url", "combine")
                .filter(members::containsKey)
                .toList();
        if (kinds.size() > 1) {
            throw bad(
                    "",
                    "an entry has one of command, url and combine, and this one has " + String.join(" and ", kinds));
        }
        if (kinds.isEmpty()) {
            throw bad("", "an entry has a command or a url, or combines others" + meant());
        }
        Set<String> allowed = allowed(kinds.get(0));
        for (String key : members.keySet()) {
            if (!allowed.contains(key)) {
                throw bad(
                        key,
                        Nearest.to(key, allowed, 2)
                                .map(known -> "unknown key; did you mean " + known + "?")
                                .orElse("unknown key here; there are " + String.join(", ", allowed)));
            }
        }
        return new ServerEntry(
                name,
                parsed("listen", ServerEntry.LISTEN, ListenAddress::parse),
                parsed("path", ServerEntry.PATH, EntryReader::path),
                text("credential").orElse(name),
                source(kinds.get(0)),
                new Terms(
                        duration("timeout", Terms.STANDARD.timeout()),
                        duration("idle-timeout", Terms.STANDARD.idle()),
                        parsed("pin", "false", EntryReader::isTrue)),
                where);
    }

    /** A guess at the meaning of an entry without its kind: a misspelt key, or the misspelt name of one of our servers. */
    private String meant() {
        Set<String> known = new TreeSet<>(OF_COMMAND);
        known.addAll(OF_URL);
        known.addAll(OF_COMBINATION);
        known.addAll(BOTH);
        return members.keySet().stream()
                .filter(key -> !known.contains(key))
                .flatMap(key -> Nearest.to(key, known).map(near -> near + " for " + key).stream())
                .findFirst()
                .or(() -> Nearest.to(
                                name,
                                Keys.SERVERS.stream().map(Keys.Server::name).toList(),
                                2)
                        .map(server -> "servers." + server))
                .map(meant -> "; did you mean " + meant + "?")
                .orElse("");
    }

    private static Set<String> allowed(String kind) {
        if (kind.equals("combine")) {
            return OF_COMBINATION;
        }
        Set<String> allowed = new TreeSet<>(BOTH);
        allowed.addAll(kind.equals("command") ? OF_COMMAND : OF_URL);
        return allowed;
    }

    private Source source(String kind) {
        return switch (kind) {
            case "command" -> command();
            case "url" -> url();
            default -> new Combined(texts("combine"));
        };
    }

    /**
     * Requires that combinations are of other entries, each once, whose names leave no doubt in front of {@code __}.
     *
     * @throws BadSettingException when one is not
     */
    static void requireMembers(List<ServerEntry> entries) {
        Map<String, ServerEntry> known =
                entries.stream().collect(Collectors.toMap(ServerEntry::name, entry -> entry, (one, other) -> one));
        for (ServerEntry entry : entries) {
            if (!(entry.source() instanceof Combined combined)) {
                continue;
            }
            String where = entry.origin() + ": servers." + entry.name() + ".combine: ";
            if (combined.members().isEmpty()) {
                throw new BadSettingException(where + "takes a list of other servers of yours");
            }
            for (String member : combined.members()) {
                if (!known.containsKey(member)) {
                    throw new BadSettingException(where + "there is no server '" + member + "' with a command or a url"
                            + Nearest.to(member, known.keySet(), 2)
                                    .map(meant -> "; did you mean " + meant + "?")
                                    .orElse(""));
                }
                if (known.get(member).source() instanceof Combined) {
                    throw new BadSettingException(where + member + " is a combination itself");
                }
                if (member.contains("__") || member.endsWith("_")) {
                    throw new BadSettingException(where + "the name of " + member
                            + " must not hold '__' or end with '_', which stands between a server's name and a tool's");
                }
            }
            if (Set.copyOf(combined.members()).size() < combined.members().size()) {
                throw new BadSettingException(where + "names a server twice");
            }
        }
    }

    private Duration duration(String key, Duration standard) {
        return text(key).map(given -> parsed(key, given, Type::parseDuration)).orElse(standard);
    }

    private static boolean isTrue(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("takes true or false");
        }
        return text.equals("true");
    }

    private static String path(String text) {
        if (!text.matches("/[A-Za-z0-9._~/-]*")) {
            throw new IllegalArgumentException("not a path that starts with '/': " + text);
        }
        return text;
    }

    private Source command() {
        List<String> words = texts("command");
        if (words.isEmpty() || words.get(0).isEmpty()) {
            throw bad("command", "a list of words is expected, such as [npx, -y, SERVER]");
        }
        return new Command(
                words,
                parsed("process", Command.MODES.get(0), ServerEntry::mode),
                parsed("max-processes", Integer.toString(Command.MAX_PROCESSES), ServerEntry::processes),
                strings("env"),
                Set.copyOf(texts("pass-env")),
                text("cwd").map(Path::of));
    }

    private Source url() {
        URI url = parsed("url", "", ServerEntry::upstream);
        boolean isPlainAllowed = parsed("unsafe-plain-upstream", "false", EntryReader::isTrue);
        Map<String, HeaderText> headers = headers();
        Optional<TokenClient> tokens = tokens();
        if (tokens.isPresent() && headers.keySet().stream().anyMatch("Authorization"::equalsIgnoreCase)) {
            throw bad("headers", "Authorization is the header of the token that " + CLIENT_OAUTH + " gets; remove one");
        }
        if (tokens.isPresent() && !members.containsKey("client-credential")) {
            throw bad(CLIENT_OAUTH, "needs client-credential, with which the authorization server is reached");
        }
        return new Url(url, headers, text("client-credential"), tokens, isPlainAllowed);
    }

    private Optional<TokenClient> tokens() {
        return members.containsKey(CLIENT_OAUTH)
                ? Optional.of(
                        TokenClientReader.read("servers." + name + "." + CLIENT_OAUTH, where, objectOf(CLIENT_OAUTH)))
                : Optional.empty();
    }

    private Map<String, HeaderText> headers() {
        Map<String, HeaderText> headers = new LinkedHashMap<>();
        objectOf("headers").forEach((header, value) -> {
            if (!HEADER.matcher(header).matches()) {
                throw bad("headers", "not the name of a header: " + header);
            }
            if (OURS.matcher(header.toLowerCase(Locale.ROOT)).matches()) {
                throw bad("headers", header + " is a header that this program sets itself");
            }
            headers.put(header, header(header, value));
        });
        return headers;
    }

    private HeaderText header(String header, Object value) {
        if (value instanceof String text) {
            return new HeaderText(HeaderText.Kind.VALUE, text);
        }
        if (value instanceof Map<?, ?> from && from.size() == 1) {
            if (from.get("file") instanceof String file && !file.isEmpty()) {
                return new HeaderText(HeaderText.Kind.FILE, file);
            }
            if (from.get("env") instanceof String variable && !variable.isEmpty()) {
                return new HeaderText(HeaderText.Kind.ENV, variable);
            }
        }
        throw bad("headers." + header, "takes a value, {file: PATH} or {env: VARIABLE}");
    }

    private Optional<String> text(String key) {
        Object value = members.get(key);
        if (value != null && (!(value instanceof String text) || text.isEmpty())) {
            throw bad(key, "takes one value");
        }
        return Optional.ofNullable((String) value);
    }

    private <T> T parsed(String key, String standard, Function<String, T> parse) {
        try {
            return parse.apply(text(key).orElse(standard));
        } catch (IllegalArgumentException e) {
            throw bad(key, String.valueOf(e.getMessage()));
        }
    }

    private List<String> texts(String key) {
        Object value = members.getOrDefault(key, List.of());
        if (!(value instanceof List<?> list)) {
            throw bad(key, "takes a list");
        }
        return list.stream().map(String::valueOf).toList();
    }

    @SuppressWarnings("unchecked") // objects are read above, as such
    private Map<String, Object> objectOf(String key) {
        Object value = members.getOrDefault(key, Map.of());
        if (!(value instanceof Map)) {
            throw bad(key, "takes keys of its own");
        }
        return (Map<String, Object>) value;
    }

    private Map<String, String> strings(String key) {
        return objectOf(key).entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> {
            if (!(entry.getValue() instanceof String text)) {
                throw bad(key + "." + entry.getKey(), "takes one value");
            }
            return text;
        }));
    }

    private BadSettingException bad(String key, String why) {
        return new BadSettingException(where + ": servers." + name + (key.isEmpty() ? "" : "." + key) + ": " + why);
    }
}
