// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The calls that wait for a client's answers, each for its caller alone: so many per caller, each for a while. Thread-safe. */
public final class HeldCalls {

    private static final int MAX_PER_CERTIFICATE = 100;
    private static final Set<String> OF_THE_ROUND = Set.of("_meta", "inputResponses", "requestState");
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final Map<String, Held> waiting = new ConcurrentHashMap<>();
    private final Duration patience;

    private record Held(Owner owner, HeldCall call) {}

    /** @param patience how long a client may take to answer */
    public HeldCalls(Duration patience) {
        this.patience = patience;
    }

    static long number() {
        return NUMBERS.incrementAndGet();
    }

    /** Keeps a call and names it; a caller whose certificate keeps too many loses one, else one of another of its subjects. */
    String hold(Caller caller, HeldCall call) {
        Owner owner = Owner.of(caller);
        List<Held> kept = waiting.values().stream()
                .filter(held -> held.owner().hasCertificateOf(owner))
                .toList();
        if (kept.size() >= MAX_PER_CERTIFICATE) {
            kept.stream()
                    .filter(held -> held.owner().equals(owner))
                    .findFirst()
                    .orElse(kept.get(0))
                    .call()
                    .cancel();
        }
        String state = SessionIds.next();
        waiting.put(state, new Held(owner, call));
        return state;
    }

    /**
     * The call that a retry goes on with; it can be taken once.
     *
     * @throws RefusedException when there is none of this caller and this request
     */
    HeldCall take(Caller caller, Request request) {
        Object answers = request.params().getOrDefault("inputResponses", Map.of());
        if (!(answers instanceof Map<?, ?> all) || !all.values().stream().allMatch(Map.class::isInstance)) {
            throw RefusedException.invalidParams("'inputResponses' must be an object of objects");
        }
        Held held = waiting.get(request.text("requestState"));
        if (held == null
                || !held.owner().equals(Owner.of(caller))
                || !held.call().isFor(request)
                || !waiting.remove(request.text("requestState"), held)) {
            throw RefusedException.invalidParams(
                    "the requestState is not valid for this caller and this request, or no longer");
        }
        return held.call();
    }

    void ended(HeldCall call) {
        waiting.values().removeIf(held -> held.call() == call);
    }

    /** Cancels calls whose clients did not come back. */
    public void sweep(long now) {
        for (Held held : List.copyOf(waiting.values())) {
            if (held.call().isForgotten(now, patience.toNanos())) {
                held.call().cancel();
            }
        }
    }

    static String digest(Request request) {
        Map<String, Object> salient = new TreeMap<>(request.params());
        salient.keySet().removeAll(OF_THE_ROUND);
        return request.method() + '\n' + Messages.canonical(salient);
    }
}
