// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/**
 * A mistake in the writing of the file, told in the writer's terms: the parser speaks of scalars and flow mappings.
 *
 * @param sign a part of the parser's message
 * @param advice the mistake and its remedy
 */
record YamlFault(Pattern sign, String advice) {

    static final String NO_TEXT =
            "this is not plain UTF-8 text; save the file as UTF-8 without control characters, or check "
                    + Remedy.of(Setting.CONFIGURATION_FILE);

    private static final Pattern MARK = Pattern.compile("in reader, line (\\d+)");

    /** The first that matches counts; {@code $1} is what its sign found. */
    private static final List<YamlFault> KNOWN = List.of(
            fault("\\(TAB\\)", "there is a tab; indent with spaces"),
            fault("Duplicate Object property \"(.*)\"", "'$1' is here a second time; keep one of them"),
            fault(
                    "parsing a flow mapping",
                    "the map that begins with '{' is not closed; put commas between, and close it with '}'"),
            fault(
                    "parsing a flow sequence",
                    "the list that begins with '[' is not closed; put commas between, and close it with ']'"),
            fault(
                    "quoted scalar[\\s\\S]*end of stream",
                    "the quotation mark that opens here is never closed; close it"),
            fault("unknown escape character", "a backslash means something else in double quotes; use single quotes"),
            fault(
                    "mapping values are not allowed",
                    "there is a ':' too many, or the line is indented too far; put a value with ': ' in quotes"),
            fault("could not find expected ':'", "there is no ':' after the key; write 'key: value'"),
            fault("found character '(.)' that", "a value that begins with '$1' has to be in quotes"),
            fault("<block end>", "the line is not indented like the keys beside it; let them begin in one column"));

    private static YamlFault fault(String sign, String advice) {
        return new YamlFault(Pattern.compile(sign), advice);
    }

    static BadSettingException of(Path file, JacksonException e) {
        String message = e.getOriginalMessage();
        if (message.contains("special characters are not allowed")) {
            return new BadSettingException(file + ": " + NO_TEXT);
        }
        return new BadSettingException(file + ":" + line(message, e) + ": " + advice(message));
    }

    private static String advice(String message) {
        for (YamlFault fault : KNOWN) {
            Matcher found = fault.sign.matcher(message);
            if (found.find()) {
                return found.groupCount() == 0 ? fault.advice : fault.advice.replace("$1", found.group(1));
            }
        }
        return "not YAML: " + message.lines().findFirst().orElse("");
    }

    /** Where it began: the parser notes that, and after it where it noticed, which for wrong indentation is the better place. */
    private static String line(String message, JacksonException e) {
        List<String> lines =
                MARK.matcher(message).results().map(mark -> mark.group(1)).toList();
        if (lines.isEmpty()) {
            return Integer.toString(e.getLocation().getLineNr());
        }
        return message.contains("<block end>") ? lines.get(lines.size() - 1) : lines.get(0);
    }
}
