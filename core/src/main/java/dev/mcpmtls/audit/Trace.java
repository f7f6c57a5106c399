// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import java.util.Optional;

/**
 * The place of an event in a distributed trace (W3C Trace Context).
 *
 * @param traceId 32 lower-case hexadecimal digits
 * @param spanId 16 lower-case hexadecimal digits: the span of the request that caused the event
 */
public record Trace(String traceId, String spanId) {

    /** The place with those ids; empty when the first is. */
    public static Optional<Trace> of(String traceId, String spanId) {
        return traceId.isEmpty() ? Optional.empty() : Optional.of(new Trace(traceId, spanId));
    }
}
