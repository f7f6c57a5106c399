// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

/** What a rule does, and what happens when no rule decides. */
public enum Effect {
    /** The call may be made. */
    PERMIT,
    /** The call is refused. */
    DENY
}
