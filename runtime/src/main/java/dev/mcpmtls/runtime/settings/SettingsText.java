// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Settings as a configuration file that would give the same again, each line with where its value came from. */
public final class SettingsText {

    private static final int COLUMN = 44;

    private SettingsText() {}

    /** The lines of the file. */
    public static List<String> of(Settings settings) {
        List<String> lines = new ArrayList<>();
        List<String> open = List.of();
        for (Key<?> key : Keys.all()) {
            List<String> parts = Arrays.asList(key.path().split("\\."));
            List<String> sections = parts.subList(0, parts.size() - 1);
            int shared = shared(open, sections);
            for (int depth = shared; depth < sections.size(); depth++) {
                lines.add("  ".repeat(depth) + sections.get(depth) + ":");
            }
            open = sections;
            String line = "  ".repeat(sections.size()) + parts.get(parts.size() - 1) + ": " + value(settings, key);
            lines.add(String.format("%-" + COLUMN + "s # %s", line, settings.origin(key)));
        }
        return lines;
    }

    private static int shared(List<String> a, List<String> b) {
        int shared = 0;
        while (shared < Math.min(a.size(), b.size()) && a.get(shared).equals(b.get(shared))) {
            shared++;
        }
        return shared;
    }

    private static String value(Settings settings, Key<?> key) {
        // An element in braces is an object, for no plain one begins with them.
        List<String> elements = settings.elements(key).stream()
                .map(text -> key.equals(TlsKeys.TRUST_ANCHORS) && text.startsWith("{") ? text : quoted(text))
                .toList();
        if (key.type().isList()) {
            return "[" + String.join(", ", elements) + "]";
        }
        return elements.isEmpty() ? "null" : elements.get(0);
    }

    /** Plain where YAML reads the same text back, else in quotes. */
    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9./][A-Za-z0-9./_<>+=-]*")
                ? text
                : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
