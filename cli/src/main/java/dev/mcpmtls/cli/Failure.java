// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

/** A command cannot be done. The message says what, why and what to do, in one or two lines. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ExitCode code;

    Failure(ExitCode code, String message) {
        super(message);
        this.code = code;
    }

    Failure(ExitCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    ExitCode code() {
        return code;
    }

    /** How any exception ends a command. */
    static ExitCode codeOf(Throwable thrown) {
        if (thrown instanceof Failure failure) {
            return failure.code;
        }
        boolean isTheUsers = thrown instanceof dev.mcpmtls.cli.settings.BadSettingException
                || thrown instanceof dev.mcpmtls.identity.UnusableCredentialException
                || thrown instanceof dev.mcpmtls.authority.AuthorityException
                || thrown instanceof dev.mcpmtls.audit.AuditUnavailableException
                || thrown instanceof dev.mcpmtls.transport.server.CannotListenException;
        return isTheUsers ? ExitCode.USAGE : ExitCode.INTERNAL_ERROR;
    }
}
