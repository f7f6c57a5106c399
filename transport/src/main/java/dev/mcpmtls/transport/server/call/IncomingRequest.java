// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import org.jspecify.annotations.Nullable;

/** A request that carries a message, as the eras see it. */
public interface IncomingRequest {

    Caller caller();

    Owner owner();

    /**
     * The header's value; null when absent. Never a source of identity.
     *
     * @throws RefusedException when the header is there twice
     */
    @Nullable
    String header(String name);

    /** The reply to it. */
    Reply reply();

    /** From now on its stream ends when its access token expires, as if its client had gone. Does nothing for a request without a token. */
    void endsWithToken();

    /** Where its event loop has decisions recorded. */
    RecordBatches batches();

    /** Whether one more handler may run for its connection; release its slot with {@link #releaseSlot}. */
    boolean takeSlot();

    /** A handler has ended; from any thread. */
    void releaseSlot();

    /** How it came. */
    Wire wire();

    /** Its observation. */
    default Observation observation() {
        return Observation.NONE;
    }

    /** Keeps the observation from ending with the response; it ends when the returned action, too, has run, once. */
    default Runnable observed() {
        return () -> {};
    }
}
