// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelReference;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelAttributePattern;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelUnknownSet;
import dev.cel.runtime.CelVariableResolver;
import dev.cel.runtime.PartialVars;
import dev.mcpmtls.identity.Printable;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A condition in CEL. The one class, with those it uses, that makes the JVM load CEL. */
final class CelCondition implements Condition {

    private static final int MAX_NESTING = 64;
    private static final int MAX_REGEX = 2000;
    private static final int MAX_REPETITIONS = 1000;
    private static final java.util.regex.Pattern REPETITION =
            java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{1,9})?)?\\}");

    private static final CelOptions OPTIONS = CelOptions.current()
            .maxExpressionCodePointSize(MAX_LENGTH)
            .maxParseRecursionDepth(MAX_NESTING)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxRegexProgramSize(MAX_REGEX)
            .enableHeterogeneousNumericComparisons(true)
            .enableUnknownTracking(true)
            .build();

    private static final CelCompiler COMPILER = compiler();
    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.plannerRuntimeBuilder().setOptions(OPTIONS).build();

    private static final Map<Variable, CelAttributePattern> PATTERNS = Arrays.stream(Variable.values())
            .collect(Collectors.toMap(
                    variable -> variable, variable -> CelAttributePattern.fromQualifiedIdentifier(variable.written())));

    private final String text;
    private final CelRuntime.Program program;
    private final boolean loops;
    private final Set<String> variables;

    private CelCondition(String text, CelRuntime.Program program, boolean loops, Set<String> variables) {
        this.text = text;
        this.program = program;
        this.loops = loops;
        this.variables = variables;
    }

    static CelCondition compile(String expression) {
        if (expression.length() > MAX_LENGTH) {
            throw new BadConditionException(
                    1, 1, "the condition is longer than " + MAX_LENGTH + " characters\nsplit the rule into several");
        }
        try {
            CelAbstractSyntaxTree tree = COMPILER.compile(expression).getAst();
            if (!tree.getResultType().equals(SimpleType.BOOL)
                    && !tree.getResultType().equals(SimpleType.DYN)) {
                throw new BadConditionException(
                        1,
                        1,
                        "the condition is not true or false: its value is of type "
                                + tree.getResultType().name() + "\ncompare it with something, for example with ==");
            }
            checkRegexes(tree, expression);
            boolean loops =
                    nodes(tree).anyMatch(node -> node.exprKind().getKind() == Kind.COMPREHENSION || isRegexMatch(node));
            Set<String> variables = tree.getReferenceMap().values().stream()
                    .map(CelReference::name)
                    .collect(Collectors.toUnmodifiableSet());
            return new CelCondition(expression, RUNTIME.createProgram(tree), loops, variables);
        } catch (CelValidationException e) {
            throw CelMistake.in(expression, e.getErrors());
        } catch (CelEvaluationException | StackOverflowError e) {
            throw new BadConditionException(1, 1, "the condition is nested too deeply\nsplit the rule into several");
        }
    }

    private static Stream<CelExpr> nodes(CelAbstractSyntaxTree tree) {
        return CelNavigableAst.fromAst(tree).getRoot().allNodes().map(CelNavigableExpr::expr);
    }

    /** Regular expressions are checked now: evaluating a wrong one would fail for every call, and a caller's could take all memory. */
    private static void checkRegexes(CelAbstractSyntaxTree tree, String expression) {
        nodes(tree)
                .filter(CelCondition::isRegexMatch)
                .map(node -> node.call().args().get(node.call().args().size() - 1))
                .forEach(regex -> checkRegex(regex, expression));
    }

    private static void checkRegex(CelExpr regex, String expression) {
        boolean isWritten = regex.exprKind().getKind() == Kind.CONSTANT
                && regex.constant().getKind() == CelConstant.Kind.STRING_VALUE;
        if (!isWritten) {
            throw badRegex(expression, "the regular expression of 'matches' is not written out\nwrite it in quotes");
        }
        String text = regex.constant().stringValue();
        if (repetitions(text) > MAX_REPETITIONS) {
            throw badRegex(
                    expression,
                    "the regular expression repeats parts more than " + MAX_REPETITIONS
                            + " times in all\nuse '*' or '+' instead of numbers in braces");
        }
        try {
            Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw badRegex(
                    expression,
                    "not a regular expression: " + Printable.quote(text) + ": " + e.getDescription()
                            + "\nmend it; its form is RE2");
        }
    }

    /** How often the counted repetitions repeat when each is within the one before: compiling takes time and memory in proportion. */
    private static long repetitions(String regex) {
        return REPETITION
                .matcher(regex)
                .results()
                .mapToLong(counted ->
                        Math.max(1, Long.parseLong(counted.group(2) == null ? counted.group(1) : counted.group(2))))
                .reduce(1, (one, other) -> Math.min(one * other, MAX_REPETITIONS + 1L));
    }

    private static boolean isRegexMatch(CelExpr node) {
        return node.exprKind().getKind() == Kind.CALL && node.call().function().equals("matches");
    }

    private static BadConditionException badRegex(String expression, String message) {
        int at = Math.max(expression.indexOf("matches"), 0);
        int line =
                (int) expression.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
        return new BadConditionException(line, at - expression.lastIndexOf('\n', at), message);
    }

    private static CelCompiler compiler() {
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS);
        for (Variable variable : Variable.values()) {
            builder.addVar(variable.written(), type(variable.type()));
        }
        return builder.build();
    }

    private static CelType type(Variable.Type type) {
        return switch (type) {
            case TEXT -> SimpleType.STRING;
            case TEXTS -> ListType.create(SimpleType.STRING);
            case BOOL -> SimpleType.BOOL;
            case TIME -> SimpleType.TIMESTAMP;
            case OBJECT -> MapType.create(SimpleType.STRING, SimpleType.DYN);
        };
    }

    @Override
    public String text() {
        return text;
    }

    @Override
    public Outcome evaluate(Facts facts) {
        CelVariableResolver known = name -> {
            Variable variable = Variable.named(name);
            return variable == null ? Optional.empty() : Optional.ofNullable(facts.valueOf(variable));
        };
        return facts.unknown()
                .map(variable -> PartialVars.of(known, Objects.requireNonNull(PATTERNS.get(variable))))
                .map(partial -> outcome(() -> program.eval(partial)))
                .orElseGet(() -> outcome(() -> program.eval(known)));
    }

    @Override
    public Outcome regardless() {
        CelVariableResolver nothing = name -> Optional.empty();
        return outcome(() -> program.eval(PartialVars.of(nothing, PATTERNS.values())));
    }

    @Override
    public boolean reads(String variable) {
        return variables.contains(variable);
    }

    @Override
    public boolean hasLoops() {
        return loops;
    }

    private interface Evaluation {
        Object run() throws CelEvaluationException;
    }

    private static Outcome outcome(Evaluation evaluation) {
        try {
            Object value = evaluation.run();
            if (value instanceof Boolean bool) {
                return bool ? Outcome.TRUE : Outcome.FALSE;
            }
            return value instanceof CelUnknownSet
                    ? Outcome.UNKNOWN
                    : Outcome.failed("its value is neither true nor false");
        } catch (CelEvaluationException e) {
            return Outcome.failed(CelMistake.words(e));
        } catch (RuntimeException | StackOverflowError e) {
            return Outcome.failed("it could not be evaluated"); // crafted arguments must not escape as anything else
        }
    }
}
