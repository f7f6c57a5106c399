// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RecordBatches;
import dev.mcpmtls.transport.server.call.Reply;
import dev.mcpmtls.transport.server.call.Slot;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A request that is observed until its response has left and nothing of its handler is left. */
final class ObservedRequest implements IncomingRequest {

    private final IncomingRequest incoming;
    private final Observation observation;
    private final AtomicInteger open = new AtomicInteger(1);
    private final Reply reply;

    private ObservedRequest(IncomingRequest incoming, Observation observation) {
        this.incoming = incoming;
        this.observation = observation;
        this.reply = new ObservedReply(incoming.reply(), observation);
        reply.whenDone(this::over);
    }

    /** @param message a request or a notification */
    static ObservedRequest of(IncomingRequest incoming, JsonRpcMessage message, Observer observer) {
        return new ObservedRequest(
                incoming, observer.received(operation(message, incoming.wire()), name -> header(incoming, name)));
    }

    private static Operation operation(JsonRpcMessage message, Wire wire) {
        if (message instanceof Request request) {
            return new Operation(request.method(), request.id(), request.params(), wire);
        }
        Notification notification = (Notification) message;
        return new Operation(notification.method(), null, notification.params(), wire);
    }

    private static @Nullable String header(IncomingRequest incoming, @Nullable String name) {
        try {
            return name == null ? null : incoming.header(name);
        } catch (RefusedException twice) {
            return null;
        }
    }

    private void over() {
        if (open.decrementAndGet() == 0) {
            observation.end();
        }
    }

    @Override
    public Observation observation() {
        return observation;
    }

    @Override
    public Runnable observed() {
        open.incrementAndGet();
        return this::over;
    }

    @Override
    public Reply reply() {
        return reply;
    }

    @Override
    public Caller caller() {
        return incoming.caller();
    }

    @Override
    public Owner owner() {
        return incoming.owner();
    }

    @Override
    public @Nullable String header(String name) {
        return incoming.header(name);
    }

    @Override
    public void endsWithToken() {
        incoming.endsWithToken();
    }

    @Override
    public RecordBatches batches() {
        return incoming.batches();
    }

    @Override
    public boolean takeSlot() {
        return incoming.takeSlot();
    }

    @Override
    public void releaseSlot() {
        incoming.releaseSlot();
    }

    @Override
    public Wire wire() {
        return incoming.wire();
    }

    /** Tells of refusals. */
    private record ObservedReply(Reply to, Observation observation) implements Reply {

        @Override
        public void error(@Nullable Object id, RefusedException refused) {
            observation.error(refused.code());
            to.error(id, refused);
        }

        @Override
        public void refuse(@Nullable Object id, RefusedException refused) {
            observation.refused(refused.code(), refused.message());
            to.refuse(id, refused);
        }

        @Override
        public void onLoop(Runnable action) {
            to.onLoop(action);
        }

        @Override
        public void defer() {
            to.defer();
        }

        @Override
        public void holds(Slot slot) {
            to.holds(slot);
        }

        @Override
        public void whenDone(Runnable action) {
            to.whenDone(action);
        }

        @Override
        public void whenGone(Runnable action) {
            to.whenGone(action);
        }

        @Override
        public Reply header(String name, String value) {
            var unused = to.header(name, value);
            return this;
        }

        @Override
        public void accepted() {
            to.accepted();
        }

        @Override
        public void empty(int status) {
            to.empty(status);
        }

        @Override
        public void answer(int status, @Nullable String eventId, byte[] message) {
            to.answer(status, eventId, message);
        }

        @Override
        public void event(@Nullable String eventId, byte[] message) {
            to.event(eventId, message);
        }

        @Override
        public void open() {
            to.open();
        }

        @Override
        public void end() {
            to.end();
        }
    }
}
