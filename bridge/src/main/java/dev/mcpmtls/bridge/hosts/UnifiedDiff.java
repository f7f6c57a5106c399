// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.ArrayList;
import java.util.List;

/** Two texts as a unified diff of one hunk; our edits lie close together. Lines are made safe to show. */
final class UnifiedDiff {

    private static final int CONTEXT = 3;

    private UnifiedDiff() {}

    /** Nothing for texts that are equal; {@code /dev/null} as a name stands for a file that does not exist. */
    static String of(String beforeName, String before, String afterName, String after) {
        if (before.equals(after)) {
            return "";
        }
        List<String> old = lines(before);
        List<String> fresh = lines(after);
        int same = 0;
        int shorter = Math.min(old.size(), fresh.size());
        while (same < shorter && old.get(same).equals(fresh.get(same))) {
            same++;
        }
        int tail = 0;
        while (tail < shorter - same && old.get(old.size() - 1 - tail).equals(fresh.get(fresh.size() - 1 - tail))) {
            tail++;
        }
        int from = Math.max(0, same - CONTEXT);
        int after3 = Math.min(CONTEXT, tail);
        StringBuilder out = new StringBuilder();
        out.append("--- ").append(Shown.line(beforeName)).append('\n');
        out.append("+++ ").append(Shown.line(afterName)).append('\n');
        out.append("@@ -").append(range(from, old.size() - tail + after3 - from));
        out.append(" +")
                .append(range(from, fresh.size() - tail + after3 - from))
                .append(" @@\n");
        append(out, ' ', old.subList(from, same));
        append(out, '-', old.subList(same, old.size() - tail));
        append(out, '+', fresh.subList(same, fresh.size() - tail));
        append(out, ' ', old.subList(old.size() - tail, old.size() - tail + after3));
        return out.toString();
    }

    private static String range(int from, int count) {
        return (count == 0 ? from : from + 1) + "," + count;
    }

    private static void append(StringBuilder out, char mark, List<String> lines) {
        for (String line : lines) {
            String shown = line.endsWith("\n") ? line.substring(0, line.length() - 1) : line;
            shown = shown.endsWith("\r") ? shown.substring(0, shown.length() - 1) : shown;
            out.append(mark).append(Shown.line(shown)).append('\n');
            if (!line.endsWith("\n")) {
                out.append("\\ No newline at end of file\n");
            }
        }
    }

    /** With their line ends. */
    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int end = Lines.end(text, start);
            lines.add(text.substring(start, end));
            start = end;
        }
        return lines;
    }
}
