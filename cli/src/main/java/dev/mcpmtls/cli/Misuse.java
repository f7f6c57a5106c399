// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.invocation.CommandGroup;
import dev.mcpmtls.remedy.Nearest;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * A mistake on a command line.
 *
 * @param command the one that was misused, as it is called
 * @param what the mistake in a few words
 * @param meant the nearest word that there is
 */
record Misuse(String command, String what, Optional<String> meant) {

    private static final Pattern BAD_VALUE =
            Pattern.compile("Invalid value for (?:option '|positional parameter .*\\()([^')]+)"
                    + ".*expected one of \\[(.*)] \\(case-insensitive\\) but was '(.*)'");
    private static final Pattern NO_NUMBER =
            Pattern.compile("Invalid value for option '([^']+)'.*: ('.*') is not an? (?:int|long)");
    private static final Pattern MISSING =
            Pattern.compile("Missing required (?:options? and parameters?|options?|parameters?): (.*)");
    private static final int MOST = 43; // as long as the longest option
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");
    private static final Pattern VALUELESS = Pattern.compile(
            "(?:Missing required parameter for|Expected parameter for) option '([^']*)' \\(([^)]*)\\).*");

    static Misuse of(ParameterException thrown) {
        CommandLine command = thrown.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        List<String> unknown = unknown(thrown);
        if (unknown.isEmpty()) {
            return new Misuse(name, reworded(firstLine(thrown), command), Optional.empty());
        }
        String first = unknown.get(0);
        return isOption(first)
                ? new Misuse(name, "unknown option '" + shortened(first) + "'", nearest(first, options(command)))
                : new Misuse(
                        name,
                        unexpected(command, first),
                        nearest(first, command.getSubcommands().keySet())
                                .or(() -> options(command).stream()
                                        .filter(("--" + first)::equals)
                                        .findFirst()));
    }

    /** The mistake, then the remedy. */
    List<String> lines() {
        return List.of(
                what,
                meant.map(word -> "did you mean " + word + "? ").orElse("") + "'" + command
                        + " --help' explains the command");
    }

    /** The parser complains of what is missing first, although what is unknown may be why it is missing. */
    private static List<String> unknown(ParameterException thrown) {
        if (thrown instanceof UnmatchedArgumentException unmatched) {
            return unmatched.getUnmatched();
        }
        return thrown instanceof MissingParameterException
                ? thrown.getCommandLine().getUnmatchedArguments().stream()
                        .filter(Misuse::isOption)
                        .toList()
                : List.of();
    }

    private static String unexpected(CommandLine command, String word) {
        return command.getSubcommands().isEmpty()
                ? "there is no place for '" + word + "'"
                : "there is no command '" + word + "'";
    }

    /** A part of a token can look like an option, and the end of a token is a secret. */
    private static String shortened(String option) {
        return option.length() > MOST ? option.substring(0, MOST) + "…" : option;
    }

    private static boolean isOption(String word) {
        return word.startsWith("-");
    }

    private static List<String> options(CommandLine command) {
        return List.copyOf(command.getCommandSpec().optionsMap().keySet());
    }

    /** One letter is wrong, or two of a longer word; what is further away was not meant. */
    private static Optional<String> nearest(String word, Collection<String> words) {
        int wrong = word.length() < 3 ? 0 : word.length() < 5 ? 1 : 2;
        String typed = word.replaceFirst("=.*", "");
        return Nearest.to(typed, words, wrong)
                .or(() -> words.stream().filter(known -> isPartOf(typed, known)).findFirst());
    }

    /** Settings are often called by the last part of their names, commands by the first letters. */
    private static boolean isPartOf(String typed, String known) {
        return isOption(typed)
                ? typed.startsWith("--") && known.endsWith(typed.substring(1))
                : typed.length() > 1 && known.startsWith(typed);
    }

    /** The parser's message in the style of our own. */
    private static String reworded(String told, CommandLine command) {
        if (told.equals(CommandGroup.NO_SUBCOMMAND)) {
            return told + ": " + String.join(", ", command.getSubcommands().keySet());
        }
        Matcher number = NO_NUMBER.matcher(told);
        if (number.matches()) {
            return number.group(1) + ": " + number.group(2) + " is not a whole number";
        }
        Matcher value = BAD_VALUE.matcher(told);
        if (value.matches()) {
            return value.group(1) + ": '" + value.group(3) + "' is none of "
                    + value.group(2).toLowerCase(Locale.ROOT).replace('_', '-');
        }
        Matcher missing = MISSING.matcher(told);
        if (missing.matches()) {
            List<String> names = QUOTED.matcher(missing.group(1))
                    .results()
                    .map(name -> name.group(1))
                    .map(name -> isOption(name) || !name.contains("|") ? name : "one of " + name.replace("|", ", "))
                    .toList();
            return listed(names) + (names.size() == 1 ? " is missing" : " are missing");
        }
        Matcher valueless = VALUELESS.matcher(told);
        if (valueless.matches()) {
            return valueless.group(1) + " needs a value: " + valueless.group(2);
        }
        return told.isEmpty() ? told : told.substring(0, 1).toLowerCase(Locale.ROOT) + told.substring(1);
    }

    private static String listed(List<String> names) {
        int last = names.size() - 1;
        return last == 0 ? names.get(0) : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }

    private static String firstLine(ParameterException thrown) {
        return String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
    }
}
