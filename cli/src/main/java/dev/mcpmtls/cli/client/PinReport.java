// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.protocol.pins.Difference;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.PinChange.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Shows how a server differs from its pins, so that a person can decide. Texts are JSON, and nothing in them is invisible. */
final class PinReport {

    private static final int MOST = 4096;
    private static final int BEFORE = 60;
    private static final int MOST_NAMES = 10;

    private final Console console;

    PinReport(Console console) {
        this.console = console;
    }

    /** One change, with the members that differ: the pinned value above the offered one. */
    void print(PinChange change, String verdict) {
        boolean isHarmless = change.kind() == Kind.REMOVED || verdict.equals("accepted");
        Style style = isHarmless ? Style.WARNING : Style.BAD;
        console.print(
                console.styled(style, change.kind().text()),
                "  ",
                console.styled(Style.STRONG, isOfTool(change) ? visible(change.name()) : ""),
                "  " + verdict
                        + (verdict.equals("accepted")
                                ? ""
                                : ": " + change.kind().why()));
        if (change.kind() == Kind.REMOVED) {
            return;
        }
        List<Difference> differences = change.differences();
        differences.forEach(difference -> print(difference, change.pinned().isPresent()));
        if (differences.size() == Difference.MOST) {
            console.print("    there may be more differences than these " + Difference.MOST);
        }
    }

    /** The digest that is pinned from now on, and the one before it. */
    void printDigests(PinChange change) {
        String now = change.offeredDigest().orElse("(removed from the pins)");
        console.print("    sha256 " + now
                + change.pinnedDigest().map(before -> ", was " + before).orElse(""));
    }

    static boolean isOfTool(PinChange change) {
        return change.kind() != Kind.INSTRUCTIONS && change.kind() != Kind.IDENTITY;
    }

    private void print(Difference difference, boolean hasPin) {
        String pinned = difference.pinned().orElse("(absent)");
        String offered = difference.offered().orElse("(absent)");
        int from = hasPin ? Math.max(0, commonPrefix(pinned, offered) - BEFORE) : 0;
        String indent = difference.path().isEmpty() ? "    " : "      ";
        if (!difference.path().isEmpty()) {
            console.print("    ", visible(difference.path()));
        }
        if (hasPin) {
            console.print(indent, "pinned   ", excerpt(pinned, from));
        }
        console.print(indent, "offered  ", excerpt(offered, from));
    }

    private static int commonPrefix(String a, String b) {
        int length = 0;
        while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return length;
    }

    /** Begins shortly before the first difference, however much stands before it. */
    private static String excerpt(String text, int from) {
        int end = Math.min(text.length(), from + MOST);
        String more = end < text.length() ? "... (" + (text.length() - end) + " more characters; --json has all)" : "";
        return (from > 0 ? "..." : "") + visible(text.substring(from, end)) + more;
    }

    /** Escapes characters that print as nothing, or as a space that is none: a change may be made of them alone. */
    static String visible(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (isInvisible(point)) {
                for (char unit : Character.toChars(point)) {
                    shown.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                shown.appendCodePoint(point);
            }
        });
        return shown.toString();
    }

    private static boolean isInvisible(int point) {
        boolean isFiller = point == 0x115f || point == 0x1160 || point == 0x3164 || point == 0xffa0 || point == 0x2800;
        boolean isSelector = (point >= 0xfe00 && point <= 0xfe0f)
                || (point >= 0xe0100 && point <= 0xe01ef)
                || (point >= 0x180b && point <= 0x180f)
                || point == 0x034f;
        return switch (Character.getType(point)) {
            case Character.FORMAT, Character.PRIVATE_USE, Character.UNASSIGNED -> true;
            case Character.SPACE_SEPARATOR -> point != ' ';
            default -> isFiller || isSelector;
        };
    }

    /** The names of changes, with their kinds. */
    static String names(List<PinChange> changes) {
        String names = changes.stream()
                .limit(MOST_NAMES)
                .map(change -> isOfTool(change)
                        ? Console.bounded(visible(change.name())) + " ("
                                + change.kind().text() + ")"
                        : change.kind().text())
                .collect(Collectors.joining(", "));
        return changes.size() <= MOST_NAMES ? names : names + " and " + (changes.size() - MOST_NAMES) + " more";
    }

    /** A change as JSON. */
    static Map<String, Object> asObject(PinChange change) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", change.kind().text());
        object.put("name", change.name());
        object.put("why", change.kind().why());
        change.pinnedDigest().ifPresent(digest -> object.put("pinnedSha256", digest));
        change.offeredDigest().ifPresent(digest -> object.put("offeredSha256", digest));
        if (change.kind() != Kind.REMOVED) {
            object.put("differences", change.differences());
        }
        return object;
    }
}
