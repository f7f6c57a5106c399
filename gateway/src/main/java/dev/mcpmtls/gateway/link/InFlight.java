// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

import dev.mcpmtls.protocol.Method;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The requests that a server works on, by our ids. */
record InFlight(Map<Long, Pending> pending) {

    /** The request with that id. */
    Optional<Pending> of(@Nullable Object id) {
        return id instanceof Number number ? Optional.ofNullable(pending.get(number.longValue())) : Optional.empty();
    }

    /**
     * The request that a message is about. When the channel does not say, it is the latest request that waits for no answer of its client,
     * a call rather than a list.
     */
    Optional<Pending> about(@Nullable Object id) {
        return id instanceof Number
                ? of(id)
                : pending.values().stream()
                        .max(Comparator.<Pending, Boolean>comparing(one -> !one.waits())
                                .thenComparing(InFlight::isCall)
                                .thenComparingLong(Pending::id));
    }

    private static boolean isCall(Pending one) {
        return Method.of(one.request().method()).filter(Method::isCall).isPresent();
    }
}
