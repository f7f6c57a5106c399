// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

/** How a command ended, for scripts. The ordinal is the code. */
public enum ExitCode {
    /** 0: done. */
    DONE,
    /** 1: a defect of ours, or a machine that does not do what it should. */
    INTERNAL_ERROR,
    /** 2: the command, its settings or its files do not allow it; nothing was tried on the network. */
    USAGE,
    /** 3: the peer cannot be reached. */
    UNREACHABLE,
    /** 4: a certificate was refused, or TLS could not be agreed; by either side. */
    REFUSED,
    /** 5: the tool, or the question, failed. */
    FAILED,
    /** 6: it took too long. */
    TIMED_OUT,
    /** 7: the peer is known, and may not do this. */
    DENIED
}
