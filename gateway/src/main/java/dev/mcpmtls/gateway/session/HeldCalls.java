// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The calls that wait for a client's answers, each for its caller alone: so many per caller, each for a while. Thread-safe. */
public final class HeldCalls {

    static final int MAX_PER_CERTIFICATE = 100;

    /** Requests, which last as long as their calls, questions, and answers that wait for the client. */
    static final int MAX_CHARACTERS_PER_CERTIFICATE = 8 * 1024 * 1024;

    private static final Set<String> OF_THE_ROUND = Set.of("_meta", "inputResponses", "requestState");
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final Map<String, Held> waiting = new ConcurrentHashMap<>();
    private final Duration patience;

    private record Held(Owner owner, HeldCall call, long number) {}

    /** @param patience how long a client may take to answer */
    public HeldCalls(Duration patience) {
        this.patience = patience;
    }

    static long number() {
        return NUMBERS.incrementAndGet();
    }

    /**
     * Keeps a call and names it. A caller whose certificate keeps too many, or too long ones, loses its oldest, then those of other subjects.
     */
    String hold(Caller caller, HeldCall call) {
        Owner owner = Owner.of(caller);
        makeRoom(owner, call);
        String state = SessionIds.next();
        waiting.put(state, new Held(owner, call, number()));
        return state;
    }

    /** Has others of the same certificate give way to a call that is kept and has become longer. */
    void grown(Caller caller, HeldCall call) {
        makeRoom(Owner.of(caller), call);
    }

    private void makeRoom(Owner owner, HeldCall call) {
        List<Map.Entry<String, Held>> kept = waiting.entrySet().stream()
                .filter(held -> held.getValue().call() != call
                        && held.getValue().owner().hasCertificateOf(owner))
                .sorted(Comparator.<Map.Entry<String, Held>, Boolean>comparing(
                                held -> !held.getValue().owner().equals(owner))
                        .thenComparingLong(held -> held.getValue().number()))
                .toList();
        long characters = call.characters();
        for (int at = kept.size() - 1; at >= 0; at--) { // those that stay longest first
            characters += kept.get(at).getValue().call().characters();
            if (kept.size() - at >= MAX_PER_CERTIFICATE || characters > MAX_CHARACTERS_PER_CERTIFICATE) {
                giveUp(kept.get(at));
            }
        }
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
            throw unknown();
        }
        return held.call();
    }

    static RefusedException unknown() {
        return RefusedException.invalidParams(
                "the requestState is not valid for this caller and this request, or no longer");
    }

    void ended(HeldCall call) {
        waiting.values().removeIf(held -> held.call() == call);
    }

    /** Cancels calls whose clients did not come back. */
    public void sweep(long now) {
        for (Map.Entry<String, Held> held : waiting.entrySet()) {
            if (held.getValue().call().isForgotten(now, patience.toNanos())) {
                giveUp(held);
            }
        }
    }

    /** Unless its client's retry takes it at this moment. */
    private void giveUp(Map.Entry<String, Held> held) {
        if (waiting.remove(held.getKey(), held.getValue())) {
            held.getValue().call().cancel();
        }
    }

    static String digest(Request request) {
        Map<String, Object> salient = new TreeMap<>(request.params());
        salient.keySet().removeAll(OF_THE_ROUND);
        return Sha256.hex((request.method() + '\n' + Messages.canonical(salient)).getBytes(StandardCharsets.UTF_8));
    }
}
