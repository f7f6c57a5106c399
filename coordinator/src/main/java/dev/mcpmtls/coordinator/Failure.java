// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.transport.client.ConnectionException;
import io.modelcontextprotocol.spec.McpError;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * The reason why a server gave no answer.
 *
 * @param message the failure and its remedy, in a sentence or two
 */
record Failure(Outcome outcome, String message) {

    /** The JSON-RPC error with which a server of ours denies a call. */
    private static final int DENIED = 403;

    /** Explains a failure that a connection, the SDK or the server reported. */
    static Failure of(ToolServer server, Throwable thrown) {
        Failure failure = ConnectionException.in(thrown)
                .map(known -> new Failure(outcome(known), String.valueOf(known.getMessage())))
                .orElseGet(() -> other(thrown));
        boolean namesIt = server.name().contains("://") && failure.message.contains(server.name());
        return namesIt ? failure : new Failure(failure.outcome, "server " + server.name() + ": " + failure.message);
    }

    /** A server does not offer the tool as it was pinned. */
    static Failure withheld(ToolServer server, String tool, PinChange change) {
        String why = Printable.line(tool) + " is withheld: " + change.kind().why();
        return new Failure(Outcome.WITHHELD, "server " + server.name() + ": " + why);
    }

    /** Both failures, with the worse outcome. */
    Failure and(Failure other) {
        Outcome worse = outcome.compareTo(other.outcome) < 0 ? other.outcome : outcome;
        return new Failure(worse, message + "; " + other.message);
    }

    private static Outcome outcome(ConnectionException failure) {
        if (failure instanceof ConnectionException.PeerRefused
                || failure instanceof ConnectionException.RefusedByPeer) {
            return Outcome.REFUSED;
        }
        if (failure instanceof ConnectionException.ToolWithheld) {
            return Outcome.WITHHELD;
        }
        if (failure instanceof ConnectionException.TimedOut) {
            return Outcome.TIMED_OUT;
        }
        return failure instanceof ConnectionException.Unreachable ? Outcome.UNREACHABLE : Outcome.BROKEN;
    }

    private static Failure other(Throwable thrown) {
        Optional<McpError> error = cause(thrown, McpError.class);
        if (error.isPresent()) {
            boolean denied = error.get().getJsonRpcError() != null
                    && error.get().getJsonRpcError().code() == DENIED;
            return new Failure(
                    denied ? Outcome.DENIED : Outcome.BROKEN,
                    String.valueOf(error.get().getMessage()));
        }
        return cause(thrown, TimeoutException.class).isPresent()
                ? new Failure(Outcome.TIMED_OUT, "no answer in time; ask again, or allow more time")
                : new Failure(Outcome.BROKEN, Printable.causeOf(rootOf(thrown)));
    }

    private static <T> Optional<T> cause(Throwable thrown, Class<T> kind) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return Optional.of(kind.cast(cause));
            }
        }
        return Optional.empty();
    }

    private static Throwable rootOf(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
