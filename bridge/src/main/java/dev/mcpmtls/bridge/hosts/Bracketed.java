// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.List;
import java.util.function.Function;

/**
 * Members between brackets, separated by commas, as JSON's objects and YAML's flow collections have them. Whitespace and
 * comments between the members stay where they are.
 *
 * @param open after the opening bracket
 * @param close before the closing bracket
 * @param members in order
 * @param hashComments whether comments begin with {@code #}, as in YAML, or with slashes, as in JSON
 */
record Bracketed(String text, int open, int close, List<Span> members, boolean hashComments) {

    /** From the first to after the last character. */
    record Span(int start, int end) {}

    /** How a member is written: for a line of its own with an indentation, or within a line. */
    interface Member extends Function<Bracketed.Place, String> {}

    /** @param indentation of the member's line; empty within a line */
    record Place(boolean ownLine, String indentation) {}

    /** Between two members: {@code comma} is -1 where there is none, {@code end} is after the last comma or comment. */
    private record Gap(int comma, int end, boolean endsInLineComment) {}

    /**
     * Adds a member at the end.
     *
     * @param unit the indentation of one level
     * @param compact whether an empty collection stays on its line
     */
    String insert(Member member, String unit, boolean compact) {
        if (members.isEmpty()) {
            return insertFirst(member, unit, compact);
        }
        Span last = members.get(members.size() - 1);
        Gap gap = gap(last.end(), close);
        Place place = placeBeside(last, gap, unit);
        String before = place.ownLine() ? Lines.separator(text) + place.indentation() : spaceBefore(last);
        String written = before + member.apply(place);
        String after = text.substring(gap.end());
        if (gap.comma() >= 0) {
            return text.substring(0, gap.end()) + written + "," + after;
        }
        return text.substring(0, last.end()) + "," + text.substring(last.end(), gap.end()) + written + after;
    }

    private String insertFirst(Member member, String unit, boolean compact) {
        Gap gap = gap(open, close);
        String rest = text.substring(gap.end(), close);
        if (compact && !gap.endsInLineComment()) {
            return text.substring(0, gap.end()) + member.apply(new Place(false, "")) + text.substring(gap.end());
        }
        String outer = Lines.indentation(text, open - 1);
        Place place = new Place(true, outer + unit);
        String newLine = Lines.separator(text);
        return text.substring(0, gap.end())
                + newLine
                + place.indentation()
                + member.apply(place)
                + (rest.indexOf('\n') < 0 ? newLine + outer : rest)
                + text.substring(close);
    }

    /** Takes a member out, with one comma and the space before it. */
    String remove(int index) {
        Span member = members.get(index);
        int from = index == 0 ? open : members.get(index - 1).end();
        int to = index == members.size() - 1 ? close : members.get(index + 1).start();
        Gap before = gap(from, member.start());
        Gap after = gap(member.end(), to);
        int start = before.end();
        int end = after.comma() >= 0 ? after.comma() + 1 : member.end();
        int next = end;
        while (next < to && Lines.isBlank(text.charAt(next))) {
            next++;
        }
        if (before.endsInLineComment() && "\r\n".indexOf(text.charAt(next)) < 0) {
            start = member.start();
            end = next;
        }
        if (after.comma() >= 0) {
            return text.substring(0, start) + text.substring(member.end(), after.comma()) + text.substring(end);
        }
        if (before.comma() >= 0) {
            return text.substring(0, before.comma()) + text.substring(before.comma() + 1, start) + text.substring(end);
        }
        boolean empty = text.substring(open, start).isBlank()
                && text.substring(end, close).isBlank();
        return empty ? text.substring(0, open) + text.substring(close) : text.substring(0, start) + text.substring(end);
    }

    private Place placeBeside(Span last, Gap gap, String unit) {
        if (Lines.isFirst(text, last.start()) && Lines.start(text, last.start()) > open - 1) {
            return new Place(true, Lines.indentation(text, last.start()));
        }
        return gap.endsInLineComment()
                ? new Place(true, Lines.indentation(text, open - 1) + unit)
                : new Place(false, "");
    }

    /** Within a line: the space that stands before the last member, where it has a neighbour. */
    private String spaceBefore(Span last) {
        int start = last.start();
        while (start > open && Lines.isBlank(text.charAt(start - 1))) {
            start--;
        }
        return text.substring(start, last.start());
    }

    private Gap gap(int from, int to) {
        int comma = -1;
        int end = from;
        boolean lineComment = false;
        for (int i = from; i < to; ) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c)) {
                i++;
                continue;
            }
            lineComment = hashComments ? c == '#' : text.startsWith("//", i);
            if (c == ',') {
                comma = i;
                i++;
            } else if (lineComment) {
                i = lineEnd(i, to);
            } else if (!hashComments && text.startsWith("/*", i)) {
                i = text.indexOf("*/", i) + 2;
            } else {
                i++;
            }
            end = i;
        }
        return new Gap(comma, end, lineComment);
    }

    private int lineEnd(int from, int to) {
        int i = from;
        while (i < to && text.charAt(i) != '\n' && text.charAt(i) != '\r') {
            i++;
        }
        return i;
    }
}
