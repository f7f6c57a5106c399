// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.view;

import java.util.List;

/** A question that cannot be answered as it is asked. */
public final class BadQuestionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String remedy;

    @SuppressWarnings("serial") // an immutable list of strings
    private final List<String> candidates;

    /**
     * A failure.
     *
     * @param message names the parameter and what is wrong with it
     * @param remedy the value to write instead; may be empty
     * @param candidates some values that could have been meant
     */
    public BadQuestionException(String message, String remedy, List<String> candidates) {
        super(message);
        this.remedy = remedy;
        this.candidates = List.copyOf(candidates);
    }

    /** The value to write instead; may be empty. */
    public String remedy() {
        return remedy;
    }

    /** Some values that could have been meant. */
    public List<String> candidates() {
        return candidates;
    }
}
