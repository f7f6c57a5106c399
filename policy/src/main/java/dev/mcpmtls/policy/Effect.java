// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

/** The effect of a rule, or of the default when no rule decides. */
public enum Effect {
    /** The call may be made. */
    PERMIT,
    /** The call is refused. */
    DENY
}
