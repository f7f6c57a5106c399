// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A failure that knows its remedy. The message is the problem and, behind a semicolon, the remedy. */
public abstract class RemediedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String problem;

    @Nullable
    private final String remedy;

    protected RemediedException(String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(remedy == null ? problem : problem + "; " + remedy, cause);
        this.problem = problem;
        this.remedy = remedy;
    }

    /** The operation and the cause, without the remedy. */
    public final String problem() {
        return problem;
    }

    /** The remedy, without a full stop; empty where there is only the cause. */
    public final Optional<String> remedy() {
        return Optional.ofNullable(remedy);
    }
}
