// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Runs well-formed requests of both eras. It takes a slot, has the request authorised and recorded, and only then hands it to the
 * backend. The backend runs on the event loop when it never blocks, else on a worker.
 */
public final class RequestDispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(RequestDispatcher.class);

    private final Calls calls;
    private final Authorizer authorizer;
    private final InFlightRequests inFlight;
    private final ExecutorService workers;
    private final Predicate<Call> nonBlocking;
    private final CallListener listener;

    public RequestDispatcher(
            Calls calls,
            Authorizer authorizer,
            InFlightRequests inFlight,
            ExecutorService workers,
            Predicate<Call> nonBlocking,
            CallListener listener) {
        this.calls = calls;
        this.authorizer = authorizer;
        this.inFlight = inFlight;
        this.workers = workers;
        this.nonBlocking = nonBlocking;
        this.listener = listener;
    }

    /**
     * Serves a request; refuses it through its reply when it may not be served. The follower's {@code over} runs in any case.
     *
     * @param version the negotiated protocol version
     */
    public void serve(
            IncomingRequest incoming,
            String version,
            Request request,
            Supplier<Mono<Void>> handler,
            RunningCall follower) {
        incoming.observation().speaks(version);
        Call call;
        try {
            call = calls.of(request, version);
        } catch (RuntimeException refused) {
            refuse(incoming, request.id(), refused);
            follower.over();
            return;
        }
        serve(incoming, request.id(), call, handler, follower);
    }

    /** As the other, for a request of that id that makes this call. */
    public void serve(
            IncomingRequest incoming, Object id, Call call, Supplier<Mono<Void>> handler, RunningCall follower) {
        long begun = System.nanoTime();
        Slot slot;
        try {
            slot = inFlight.enter(incoming);
        } catch (RuntimeException refused) {
            refuse(incoming, id, refused);
            follower.over();
            return;
        }
        incoming.reply().holds(slot);
        follower.holds(slot);
        Runnable observed = incoming.observed();
        Runnable ended = () -> {
            slot.answered();
            listener.ended(call, Duration.ofNanos(System.nanoTime() - begun));
            observed.run();
        };
        Placed placed = new Placed(follower, ended);
        Runnable work = isNonBlocking(call)
                ? () -> incoming.reply().onLoop(() -> HandlerRun.run(handler, placed))
                : () -> HandlerRun.start(workers, handler, placed);
        authorize(incoming, id, call, slot, work, () -> {
            follower.over();
            observed.run();
        });
    }

    /** A list is filtered item by item, which takes too long for an event loop. */
    private boolean isNonBlocking(Call call) {
        boolean isFiltered = !authorizer.isOpen()
                && (ListKind.of(call.method()).isPresent() || call.method().equals(Method.DISCOVER.text()));
        boolean isOfTask = Method.of(call.method()).filter(Method::isTask).isPresent();
        return !isFiltered && !isOfTask && nonBlocking.test(call);
    }

    /**
     * Runs the handler of a notification.
     *
     * @param follower learns of a failure only when the handler could not be given the notification
     * @throws RefusedException when there is no slot for it
     */
    public void run(IncomingRequest incoming, Supplier<Mono<Void>> handler, HandlerRun.Follower follower) {
        Slot slot = inFlight.enterUnanswered(incoming);
        Runnable observed = incoming.observed();
        Runnable ended = () -> {
            slot.end();
            observed.run();
        };
        HandlerRun.start(workers, handler, new Placed(new Notified(incoming.observation(), follower), ended));
    }

    /** Releases the slot in the end. */
    private record Placed(HandlerRun.Follower follower, Runnable leave) implements HandlerRun.Follower {

        @Override
        public void running(HandlerRun work) {
            follower.running(work);
        }

        @Override
        public Observation observation() {
            return follower.observation();
        }

        @Override
        public void returned() {
            follower.returned();
        }

        @Override
        public void failed(Throwable failure) {
            follower.failed(failure);
        }

        @Override
        public void over() {
            leave.run();
            follower.over();
        }
    }

    /** The follower of a notification: how its handler fares is none of the client's business. */
    private record Notified(Observation observation, HandlerRun.Follower follower) implements HandlerRun.Follower {

        @Override
        public void running(HandlerRun work) {}

        @Override
        public void failed(Throwable failure) {
            observation.failed(failure.getClass().getName());
            if (failure instanceof RefusedException || failure instanceof RejectedExecutionException) {
                follower.failed(failure);
            } else {
                LOG.warn("the handler of a notification failed", failure);
            }
        }

        @Override
        public void over() {
            follower.over();
        }
    }

    /**
     * Runs the action when the request may be made; else refuses it through its reply. Until then it has a slot like any other.
     *
     * @throws RefusedException when there is no slot for it
     */
    public void authorize(IncomingRequest incoming, String version, Request request, Runnable permitted) {
        incoming.observation().speaks(version);
        Slot slot = inFlight.enter(incoming);
        Runnable leaveAndGoOn = () -> {
            slot.end();
            permitted.run();
        };
        authorize(incoming, request.id(), calls.of(request, version), slot, leaveAndGoOn, () -> {});
    }

    /**
     * Refuses a request, once that is recorded, because what it asks for does not exist for its caller.
     *
     * @param why for the record
     * @throws RefusedException when there is no slot for it
     */
    public void reject(IncomingRequest incoming, Object id, Call call, String why, RefusedException answer) {
        Slot slot = inFlight.enter(incoming);
        incoming.reply()
                .onLoop(() -> authorizer.record(incoming, call, new Decision.Deny(why), recorded -> {
                    slot.end();
                    refuse(incoming, id, answer);
                }));
    }

    private void authorize(
            IncomingRequest incoming, Object id, Call call, Slot slot, Runnable permitted, Runnable denied) {
        incoming.reply()
                .onLoop(() -> authorizer.authorize(incoming, call, refused -> {
                    if (refused != null) {
                        slot.end();
                        refuse(incoming, id, refused);
                        denied.run();
                        return;
                    }
                    try {
                        permitted.run();
                    } catch (RuntimeException e) {
                        refuse(incoming, id, e);
                    }
                }));
    }

    /** Answers with what went wrong. */
    public static void refuse(IncomingRequest incoming, @Nullable Object id, Throwable failure) {
        incoming.reply().refuse(id, RefusedException.of(failure));
    }
}
