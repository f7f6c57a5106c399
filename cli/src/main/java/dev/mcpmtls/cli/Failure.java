// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.authority.AuthorityException;
import dev.mcpmtls.cli.settings.BadSettingException;
import dev.mcpmtls.identity.UnusableCredentialException;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.server.CannotListenException;
import dev.mcpmtls.transport.tls.UnusableEngineException;
import io.modelcontextprotocol.spec.McpError;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** A command cannot be done. The message says what, why and what to do, in one or two lines. */
final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The JSON-RPC error with which our servers deny a call. */
    private static final int DENIED = 403;

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
        Optional<ConnectionException> connection = ConnectionException.in(thrown);
        if (connection.isPresent()) {
            return codeOf(connection.get());
        }
        if (thrown instanceof McpError error) {
            return error.getJsonRpcError() != null && error.getJsonRpcError().code() == DENIED
                    ? ExitCode.DENIED
                    : ExitCode.FAILED;
        }
        if (thrown.getCause() instanceof TimeoutException) {
            return ExitCode.TIMED_OUT;
        }
        boolean isTheUsers = thrown instanceof BadSettingException
                || thrown instanceof UnusableCredentialException
                || thrown instanceof AuthorityException
                || thrown instanceof AuditUnavailableException
                || thrown instanceof CannotListenException
                || thrown instanceof UnusableEngineException;
        return isTheUsers ? ExitCode.USAGE : ExitCode.INTERNAL_ERROR;
    }

    /** What is said of an exception: the connection's words where the SDK has wrapped them. */
    static String messageOf(Throwable thrown) {
        return ConnectionException.in(thrown)
                .map(Throwable::getMessage)
                .orElseGet(() -> String.valueOf(thrown.getMessage()));
    }

    private static ExitCode codeOf(ConnectionException failure) {
        if (failure instanceof ConnectionException.Unreachable) {
            return ExitCode.UNREACHABLE;
        }
        if (failure instanceof ConnectionException.TimedOut) {
            return ExitCode.TIMED_OUT;
        }
        return failure instanceof ConnectionException.UnusableAnswer ? ExitCode.FAILED : ExitCode.REFUSED;
    }
}
