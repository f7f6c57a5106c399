// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

/** How a step, or a whole answer, ended; later ones are worse. */
public enum Outcome {
    /** The tool answered. */
    ANSWERED,
    /** Part of the question was not understood. */
    NOT_UNDERSTOOD,
    /** The tool said what is wrong with the call: an unknown city, for example. */
    TOOL_FAILED,
    /** The server does not permit us this call. */
    DENIED,
    /** There was no answer in time. */
    TIMED_OUT,
    /** The server cannot be reached, or no server that can be reached offers the tool. */
    UNREACHABLE,
    /** One side refused the other's certificate. */
    REFUSED,
    /** Something else went wrong on either side. */
    BROKEN
}
