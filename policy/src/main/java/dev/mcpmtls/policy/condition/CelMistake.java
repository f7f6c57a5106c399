// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import dev.cel.common.CelErrorCode;
import dev.cel.common.CelIssue;
import dev.cel.runtime.CelEvaluationException;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Nearest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Mistakes in conditions, explained in the writer's terms. */
final class CelMistake {

    private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '(.*?)'");
    private static final Pattern OVERLOAD =
            Pattern.compile("found no matching overload for '(.*?)' applied to '(.*?)'", Pattern.DOTALL);
    private static final Pattern DOTTED = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*");
    private static final Pattern OPERATOR = Pattern.compile("_?(\\W+?)_?");

    private static final List<String> FUNCTIONS = List.of(
            "all",
            "contains",
            "double",
            "duration",
            "endsWith",
            "exists",
            "exists_one",
            "filter",
            "getDayOfWeek",
            "getHours",
            "has",
            "int",
            "map",
            "matches",
            "size",
            "startsWith",
            "string",
            "timestamp");

    /** Words of other products for what is meant here. */
    private static final Map<String, String> MEANT = Map.of(
            "tool", "call.tool",
            "args", "call.arguments",
            "arguments", "call.arguments",
            "now", "request.time",
            "identity", "peer.identity",
            "server", "call.server",
            "method", "call.method");

    /** An evaluation's message quotes values of the call, so it is never shown. */
    private static final Map<CelErrorCode, String> WORDS = Map.of(
            CelErrorCode.ATTRIBUTE_NOT_FOUND, "a value that it reads is missing",
            CelErrorCode.ITERATION_BUDGET_EXCEEDED, "it takes too many steps",
            CelErrorCode.OVERLOAD_NOT_FOUND, "a value that it reads is of another type",
            CelErrorCode.BAD_FORMAT, "a value that it converts is of another form",
            CelErrorCode.DIVIDE_BY_ZERO, "it divides by zero",
            CelErrorCode.NUMERIC_OVERFLOW, "a number is too large",
            CelErrorCode.INDEX_OUT_OF_BOUNDS, "a list is too short");

    private CelMistake() {}

    static String words(CelEvaluationException e) {
        return WORDS.getOrDefault(e.getErrorCode(), "it could not be evaluated");
    }

    static BadConditionException in(String expression, List<CelIssue> issues) {
        CelIssue first = issues.get(0);
        int line = Math.max(first.getSourceLocation().getLine(), 1);
        int column = Math.max(first.getSourceLocation().getColumn(), 0) + 1;
        return new BadConditionException(line, column, message(expression, line, column, first.getMessage()));
    }

    private static String message(String expression, int line, int column, String issue) {
        Matcher undeclared = UNDECLARED.matcher(issue);
        if (undeclared.find()) {
            return unknown(nameAt(expression, line, column).orElse(undeclared.group(1)));
        }
        Matcher overload = OVERLOAD.matcher(issue);
        if (overload.find()) {
            Matcher operator = OPERATOR.matcher(overload.group(1));
            String name = operator.matches() ? operator.group(1) : overload.group(1);
            return "'" + name + "' does not take values of these types: " + overload.group(2)
                    + "\nconvert one of them, for example with string(…) or int(…)";
        }
        String cause = issue.lines().findFirst().orElse("").replaceFirst(" expecting \\{.*", "");
        return "not an expression: " + Printable.clean(cause) + "\ncheck brackets, quotation marks and operators";
    }

    private static String unknown(String name) {
        List<String> names =
                Arrays.stream(Variable.values()).map(Variable::written).toList();
        String first = name.split("\\.", 2)[0];
        String remedy = Optional.ofNullable(MEANT.get(first))
                .or(() -> nearest(name, names))
                .or(() -> Nearest.to(name, FUNCTIONS))
                .map(guess -> "did you mean '" + guess + "'?")
                .orElse("the variables are " + String.join(", ", names));
        return "unknown variable or function '" + Printable.clean(name) + "'\n" + remedy;
    }

    /** A name's first part is what CEL complains of; the writer thinks of the whole. */
    private static Optional<String> nearest(String name, List<String> names) {
        return names.stream()
                .filter(known -> name.startsWith(known + "."))
                .findFirst()
                .or(() -> Nearest.to(name, names))
                .or(() -> name.contains(".")
                        ? nearest(name.substring(0, name.lastIndexOf('.')), names)
                        : Optional.empty());
    }

    private static Optional<String> nameAt(String expression, int line, int column) {
        String text = expression.lines().skip(line - 1L).findFirst().orElse("");
        Matcher name = DOTTED.matcher(text);
        return name.find(Math.min(column - 1, text.length())) && name.start() == column - 1
                ? Optional.of(name.group())
                : Optional.empty();
    }
}
