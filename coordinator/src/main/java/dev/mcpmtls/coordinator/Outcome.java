// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

/** The outcome of a step or a whole answer; later ones are worse. */
public enum Outcome {
    /** The tool answered. */
    ANSWERED,
    /** Part of the question was not understood. */
    NOT_UNDERSTOOD,
    /** The tool reported a fault of the call, for example an unknown city. */
    TOOL_FAILED,
    /** The server does not permit us this call. */
    DENIED,
    /** The tool, or its server, is not as we have pinned it, so it was not called. */
    WITHHELD,
    /** There was no answer in time. */
    TIMED_OUT,
    /** The server cannot be reached, or no server that can be reached offers the tool. */
    UNREACHABLE,
    /** One side refused the other's certificate. */
    REFUSED,
    /** Either side failed in another way. */
    BROKEN
}
