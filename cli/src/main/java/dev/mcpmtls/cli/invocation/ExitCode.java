// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

/** How a command ended, for scripts. */
public enum ExitCode {
    /** 0: done. */
    DONE(0),
    /** 1: a defect of ours, or a machine that does not do what it should. */
    INTERNAL_ERROR(1),
    /** 2: the command, its settings or its files do not allow it; nothing was tried on the network. */
    USAGE(2),
    /** 3: the peer cannot be reached. */
    UNREACHABLE(3),
    /** 4: a certificate was refused, or TLS could not be agreed; by either side. */
    REFUSED(4),
    /** 5: the tool, or the question, failed. */
    FAILED(5),
    /** 6: it took too long. */
    TIMED_OUT(6),
    /** 7: the peer is known, and may not do this. */
    DENIED(7);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** The number that the process exits with. */
    public int number() {
        return number;
    }
}
