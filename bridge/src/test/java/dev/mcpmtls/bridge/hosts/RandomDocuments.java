// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** Valid texts in odd layouts, with our names where they mean nothing. */
final class RandomDocuments {

    private static final List<String> WORDS = List.of(
            "files",
            "mcpServers",
            "a",
            "b b",
            "// no",
            "/* no */",
            "# no",
            "}",
            "]",
            ",",
            "é",
            "東京",
            "😀",
            "\\\"",
            "\\\\",
            "[x]",
            "x = 1");

    private final RandomGenerator random;
    private final String newLine;

    RandomDocuments(RandomGenerator random) {
        this.random = random;
        this.newLine = chance(3) ? "\r\n" : "\n";
    }

    /** @param present whether the collection is there, with another server in it */
    String json(String collection, boolean present) {
        if (!present && chance(8)) {
            return chance(2) ? "" : space();
        }
        List<String> members = members(2);
        if (present) {
            List<String> servers = new ArrayList<>(List.of(member("other", object(2))));
            servers.addAll(members(1));
            servers.removeIf(member -> member.startsWith("\"files\""));
            members.removeIf(member -> member.startsWith("\"" + collection + "\""));
            members.add(member(collection, braces(servers)));
        } else {
            members.removeIf(member -> member.startsWith("\"" + collection + "\""));
            if (chance(3)) {
                members.add(member(collection, chance(2) ? "{}" : "{" + space() + "}"));
            }
        }
        Collections.shuffle(members, new java.util.Random(random.nextLong()));
        return space() + braces(members) + space();
    }

    private List<String> members(int depth) {
        List<String> members = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = WORDS.get(random.nextInt(WORDS.size()));
            if (members.stream().noneMatch(member -> member.startsWith("\"" + name + "\""))) {
                members.add(member(name, value(depth)));
            }
        }
        return members;
    }

    private String member(String name, String value) {
        return "\"" + name + "\"" + space() + ":" + space() + value;
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> "true";
            case 1 -> "null";
            case 2 -> "-1.50e+7";
            case 3 -> "12345678901234567890123";
            case 4 -> "\"" + WORDS.get(random.nextInt(WORDS.size())) + "\"";
            case 5 -> object(depth - 1);
            default -> "[" + space() + value(depth - 1) + space() + (chance(2) ? "," + space() : "") + "]";
        };
    }

    private String object(int depth) {
        return braces(members(depth));
    }

    private String braces(List<String> members) {
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < members.size(); i++) {
            boolean last = i == members.size() - 1;
            out.append(space()).append(members.get(i)).append(space()).append(!last || chance(3) ? "," : "");
        }
        return out.append(space()).append('}').toString();
    }

    private String space() {
        return switch (random.nextInt(9)) {
            case 0 -> " ";
            case 1 -> newLine + "  ";
            case 2 -> newLine + "\t";
            case 3 -> " // }, \"files\": {" + newLine;
            case 4 -> "/* , */";
            case 5 -> newLine + newLine + "    ";
            case 6 -> "/* a" + newLine + " b */ ";
            default -> "";
        };
    }

    String toml(String collection) {
        StringBuilder out = new StringBuilder();
        lines(
                out,
                List.of(
                        "model = \"o9\"",
                        "files = 1",
                        "n = [ # ]" + newLine + "  1," + newLine + " 2 ]",
                        "d = 2026-11-28T10:00:00Z"));
        if (chance(2)) {
            lines(
                    out,
                    List.of(
                            "[" + collection + "]",
                            "[ " + collection + " . \"other\" ]",
                            "command = '''x" + newLine + "[" + collection + ".files]'''"));
        } else if (chance(2)) {
            lines(out, List.of("[" + collection + "]", "other = { command = \"a # b\", args = [\"}\"] } # c"));
        }
        lines(
                out,
                List.of(
                        "[[list]]",
                        "files = \"\"\"" + newLine + "[" + collection + ".files]\\\"" + newLine + "\"\"\"",
                        "[[list]]",
                        "[\"" + collection + ".files\"]",
                        "command = 'x'"));
        String text = out.toString();
        return chance(3) && text.endsWith(newLine) ? text.substring(0, text.length() - newLine.length()) : text;
    }

    private void lines(StringBuilder out, List<String> lines) {
        for (String line : lines) {
            out.append(chance(3) ? newLine : "").append(chance(5) ? "# [" + "files]" + newLine : "");
            out.append(chance(4) ? "  " : "")
                    .append(line)
                    .append(chance(4) ? "   # c" : "")
                    .append(newLine);
        }
    }

    /** @param present whether the collection is there, with another server in it */
    String yaml(String collection, boolean list, boolean present) {
        List<String> parts = new ArrayList<>();
        parts.add("model: x" + comment());
        parts.add("text: |" + newLine + "  " + collection + ":" + newLine + "    files: no" + newLine
                + (chance(2) ? newLine : ""));
        parts.add("\"quoted key\": {files: [1, 2], b: \"😀\"}" + comment());
        parts.add("folded: >-" + newLine + "   a" + newLine + "   b" + newLine);
        parts.add("anchor: &a [1]" + comment());
        parts.add("nested:" + comment() + "  files:" + newLine + "    " + collection + ": 1" + comment());
        Collections.shuffle(parts, new java.util.Random(random.nextLong()));
        if (present) {
            parts.add(random.nextInt(parts.size() + 1), collection + ":" + comment() + servers(list));
        } else if (chance(2)) {
            parts.add(
                    random.nextInt(parts.size() + 1),
                    collection + ":" + (chance(2) ? "" : list ? " []" : " {}") + comment());
        }
        String text =
                (chance(4) ? "---" + newLine : "") + (chance(3) ? "# files:" + newLine : "") + String.join("", parts);
        return chance(3)
                        && !text.endsWith(newLine + newLine)
                        && !parts.get(parts.size() - 1).startsWith("text")
                ? text.substring(0, text.length() - newLine.length())
                : text;
    }

    private String servers(boolean list) {
        String indentation = " ".repeat(list ? random.nextInt(4) : 1 + random.nextInt(4));
        String first = list ? "- name: other" : "other:";
        String inner = indentation + (list ? "  " : "   ");
        return indentation + first + comment() + inner + "args:" + newLine + inner + "- '# x'" + comment() + inner
                + "text: \"a" + newLine + inner + "  b\"" + comment();
    }

    private String comment() {
        return (chance(3) ? "   # files:" : "")
                + newLine
                + (chance(6) ? "# files: {}" + newLine : "")
                + (chance(6) ? newLine : "");
    }

    private boolean chance(int of) {
        return random.nextInt(of) == 0;
    }
}
