// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import java.util.List;
import java.util.stream.Collectors;

/** A file of rules or cases cannot be used. The message has every problem with its place and remedy. */
public final class BadPolicyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    BadPolicyException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    BadPolicyException(Problem problem) {
        this(List.of(problem));
    }

    /** The errors, in the order of the file; at least one. */
    public List<Problem> problems() {
        return problems;
    }
}
