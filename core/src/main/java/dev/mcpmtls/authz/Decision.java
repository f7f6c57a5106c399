// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

/** The outcome of deciding a call. */
public sealed interface Decision {

    /** The call may be made. */
    record Permit() implements Decision {}

    /**
     * The call is refused.
     *
     * @param why one sentence that names the rule or its absence, safe to show to the caller
     */
    record Deny(String why) implements Decision {}
}
