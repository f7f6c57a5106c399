// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RecordBatches;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import io.vertx.core.MultiMap;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request that passed the checks of its head.
 *
 * @param connection where it came from
 * @param batches where its event loop has decisions about it recorded
 * @param headers as sent; never a source of identity
 * @param reply the reply to it
 * @param caller the connection's, with the claims of the request's token once they are verified
 * @param hasLapsed whether the token has expired since
 */
record ReceivedRequest(
        Connection connection,
        RecordBatches batches,
        MultiMap headers,
        ResponseWriter reply,
        Caller caller,
        Owner owner,
        BooleanSupplier hasLapsed)
        implements IncomingRequest {

    /** A request of a connection, without a token. */
    ReceivedRequest(Connection connection, RecordBatches batches, MultiMap headers, ResponseWriter reply) {
        this(connection, batches, headers, reply, connection.caller(), connection.owner(), () -> false);
    }

    /** The same with the claims of its token. */
    ReceivedRequest with(AccessToken token, InstantSource clock) {
        Caller both = new Caller(caller.peer(), caller.connection(), Optional.of(token));
        BooleanSupplier expired = () -> !clock.instant().isBefore(token.expiresAt());
        return new ReceivedRequest(connection, batches, headers, reply, both, Owner.of(both), expired);
    }

    @Override
    public void endsWithToken() {
        reply.endsWhen(hasLapsed);
    }

    @Override
    public @Nullable String header(String name) {
        List<String> values = headers.getAll(name);
        if (values.size() > 1) {
            boolean mirrors = name.regionMatches(true, 0, "Mcp-", 0, 4) && !name.equals(HeaderName.SESSION_ID);
            throw new RefusedException(
                    400,
                    mirrors ? ErrorCode.HEADER_MISMATCH : ErrorCode.INVALID_REQUEST,
                    "the header " + name + " is there more than once");
        }
        return values.isEmpty() ? null : values.get(0);
    }

    @Override
    public boolean takeSlot() {
        return connection.takeSlot();
    }

    @Override
    public void releaseSlot() {
        connection.releaseSlot();
    }

    @Override
    public Wire wire() {
        return connection.wire();
    }
}
