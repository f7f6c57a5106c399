// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

/** A condition for a rule to match, as an expression over {@link Variable}s. Immutable and thread-safe. */
public interface Condition {

    /** The most characters of an expression. */
    int MAX_LENGTH = 4096;

    /** The most steps of all {@code all}, {@code exists}, {@code map} and {@code filter} in one evaluation. */
    int MAX_ITERATIONS = 1000;

    /** The expression as it is written. */
    String text();

    /** Evaluates it. */
    Outcome evaluate(Facts facts);

    /** The outcome for every call; unknown when it depends on the call. */
    Outcome regardless();

    /** Whether it reads a variable, for example {@code token.issuer}. */
    boolean reads(String variable);

    /** Whether it goes through lists, maps or, by a regular expression, texts step by step: that may take longer than reading the request did. */
    boolean hasLoops();

    /**
     * Compiles an expression.
     *
     * @throws BadConditionException when it is no expression, names an unknown variable, has a type error, or is not a bool
     */
    static Condition compile(String expression) {
        return CelCondition.compile(expression);
    }

    /**
     * The outcome of an evaluation.
     *
     * @param kind true, false, unknown or failed
     * @param failure why it failed, without any value of the call; else empty
     */
    record Outcome(Kind kind, String failure) {

        /** It holds. */
        public static final Outcome TRUE = new Outcome(Kind.TRUE, "");

        static final Outcome FALSE = new Outcome(Kind.FALSE, "");
        static final Outcome UNKNOWN = new Outcome(Kind.UNKNOWN, "");

        /** The kinds of outcome. */
        public enum Kind {
            /** It holds. */
            TRUE,
            /** It does not hold. */
            FALSE,
            /** It depends on what is not known yet. */
            UNKNOWN,
            /** It could not be evaluated. */
            FAILED
        }

        static Outcome failed(String why) {
            return new Outcome(Kind.FAILED, why);
        }
    }
}
