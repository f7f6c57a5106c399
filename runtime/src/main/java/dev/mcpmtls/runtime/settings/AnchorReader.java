// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.trust.AnchorSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the elements of {@code tls.trust-anchors}, each a file or {@code {file: PATH, for: [PATTERN, …]}}, with the position of every mistake. */
final class AnchorReader {

    private static final String FORM = "{file: PATH, for: [\"spiffe://partner.example/**\"]}";
    private static final int MAX_NAMES = 1_000;

    private final Path file;
    private final JsonParser yaml;

    private AnchorReader(Path file, JsonParser yaml) {
        this.file = file;
        this.yaml = yaml;
    }

    /** The list that has just begun, with its end. */
    static List<AnchorEntry> read(Path file, JsonParser yaml) {
        AnchorReader reader = new AnchorReader(file, yaml);
        List<AnchorEntry> entries = new ArrayList<>();
        while (yaml.nextToken() != JsonToken.END_ARRAY) {
            entries.add(reader.entry());
        }
        return entries;
    }

    private AnchorEntry entry() {
        if (yaml.currentToken() == JsonToken.START_OBJECT) {
            return bound();
        }
        return new AnchorEntry(path(), List.of());
    }

    private AnchorEntry bound() {
        String where = where();
        Optional<Path> path = Optional.empty();
        Optional<List<NamePattern>> names = Optional.empty();
        while (yaml.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = yaml.currentName();
            String keyAt = where();
            yaml.nextToken();
            switch (key) {
                case "file" -> path = Optional.of(path());
                case "for" -> names = Optional.of(names());
                default ->
                    throw new BadSettingException(
                            keyAt + ": tls.trust-anchors: unknown key " + Printable.quote(key) + "; "
                                    + Nearest.to(key, List.of("file", "for"), 2)
                                            .map(name -> "did you mean '" + name + "'?")
                                            .orElse("the keys are file and for"));
            }
        }
        Path read = path.orElseThrow(
                () -> new BadSettingException(where + ": tls.trust-anchors: the file is missing; write " + FORM));
        return new AnchorEntry(read, names.orElse(List.of()));
    }

    private Path path() {
        if (!yaml.currentToken().isScalarValue() || yaml.currentToken() == JsonToken.VALUE_NULL) {
            throw mistake("takes a file or " + FORM);
        }
        try {
            return AnchorEntry.plain(yaml.getString()).file();
        } catch (IllegalArgumentException e) {
            throw mistake(String.valueOf(e.getMessage()));
        }
    }

    /** One pattern, or a list of at least one. */
    private List<NamePattern> names() {
        String where = where();
        List<NamePattern> names = new ArrayList<>();
        boolean isAbsent = yaml.currentToken() == JsonToken.VALUE_NULL
                || (yaml.currentToken() == JsonToken.VALUE_STRING
                        && yaml.getString().isEmpty());
        if (!isAbsent && yaml.currentToken() != JsonToken.START_ARRAY) {
            return List.of(name());
        }
        while (!isAbsent && yaml.nextToken() != JsonToken.END_ARRAY) {
            if (names.size() == MAX_NAMES) {
                throw mistake("more than " + MAX_NAMES + " patterns; use wildcards");
            }
            names.add(name());
        }
        if (names.isEmpty()) {
            throw new BadSettingException(
                    where
                            + ": tls.trust-anchors: with an empty 'for' the anchor would vouch for no name; name one, or remove 'for'");
        }
        return names;
    }

    private NamePattern name() {
        boolean isText = yaml.currentToken() == JsonToken.VALUE_STRING;
        if (!isText) {
            throw mistake(
                    "'for' takes patterns of names, such as \"spiffe://partner.example/**\", \"dns:*.example.com\" or \"ip:10.0.0.0/8\"");
        }
        String text = yaml.getString();
        try {
            return AnchorSet.name(text);
        } catch (IllegalArgumentException e) {
            throw mistake(Printable.quote(text) + ": "
                    + String.valueOf(e.getMessage()).replace("\n", "; ") + meant(text));
        }
    }

    private static String meant(String text) {
        int colon = text.indexOf(':');
        return Nearest.to(colon < 0 ? text : text.substring(0, colon), List.of("spiffe", "dns", "ip"), 2)
                .filter(kind -> colon > 0 && !text.startsWith(kind + ":"))
                .map(kind -> "; did you mean '" + kind + ":'?")
                .orElse("");
    }

    private BadSettingException mistake(String what) {
        return new BadSettingException(where() + ": tls.trust-anchors: " + what);
    }

    private String where() {
        return file + ":" + yaml.currentTokenLocation().getLineNr() + ":"
                + yaml.currentTokenLocation().getColumnNr();
    }
}
