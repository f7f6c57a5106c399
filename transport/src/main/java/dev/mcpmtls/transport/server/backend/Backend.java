// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** A backend that answers the requests of callers, once they are authorised and recorded. Knows of no era and no transport. Thread-safe. */
public interface Backend {

    /** Its description of itself: the last known one, where that is another program's. Never blocks. */
    Description describe();

    /** Learns what {@link #describe} says, where that takes asking. Runs when it is subscribed to. */
    default Mono<Void> prepare(Caller caller) {
        return Mono.empty();
    }

    /** Whether a modern request with this method may be put to it. */
    default boolean answers(String method) {
        return Method.of(method)
                .filter(Method::isModern)
                .filter(known -> !known.isTask()
                        || runsTasks()
                        || TaskStatus.isDeclaredIn(describe().capabilities()))
                .filter(known -> known.capability() == Method.Capability.NONE
                        || describe().offers(known.capability().text()))
                .isPresent();
    }

    /**
     * Whether it conducts the rounds of modern requests itself: results of type {@code input_required} come from it, and retries go
     * to it with their answers and state.
     */
    default boolean conductsRounds() {
        return false;
    }

    /** Whether its sessions never block the thread that makes a request, so that an event loop may make it. */
    default boolean neverBlocks() {
        return false;
    }

    /** Whether the work of its requests may become tasks of this server, see {@link Outlet#becomeTask}. */
    default boolean runsTasks() {
        return false;
    }

    /**
     * Opens a session.
     *
     * @throws RefusedException when the client's description of itself is not of the specification's form
     */
    BackendSession open(Opening opening);

    /**
     * Goes on with a session that another process opened.
     *
     * @param id its name here
     * @param version the protocol version that was negotiated
     * @param resumption as {@link BackendSession#resumption} gave it there
     * @return empty when that cannot be
     */
    default Optional<BackendSession> resume(Caller caller, String id, String version, String resumption) {
        return Optional.empty();
    }

    /** The arguments that a tool wants mirrored in headers; none when there is no such tool. Holds no thread while another program is asked. */
    Mono<List<Mirrored>> mirrored(Caller caller, String tool);

    /** The refusal of a request on which it failed: says whether the parameters or the server is at fault. */
    RefusedException refusal(Request request, Throwable failure);
}
