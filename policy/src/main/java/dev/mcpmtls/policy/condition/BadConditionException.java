// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

/** An expression cannot be used as a condition. The message has the cause and, on a line of its own, the remedy. */
public final class BadConditionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    BadConditionException(int line, int column, String message) {
        super(message);
        this.line = line;
        this.column = column;
    }

    /** The line of the expression that is wrong; the first is 1. */
    public int line() {
        return line;
    }

    /** The column in that line; the first is 1. */
    public int column() {
        return column;
    }
}
