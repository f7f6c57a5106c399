// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.observe;

import dev.mcpmtls.protocol.JsonRpcMessage;
import java.util.Map;
import java.util.Optional;

/** One operation under observation. The first of several failures counts. Thread-safe. */
public interface Observation {

    /** Observes nothing. */
    Observation NONE = new Observation() {};

    /** The trace that it belongs to: 32 lower-case hexadecimal digits (W3C Trace Context); empty when there is none. */
    default String traceId() {
        return "";
    }

    /** Its own id in that trace: 16 lower-case hexadecimal digits; empty when there is none. */
    default String spanId() {
        return "";
    }

    /** The members of {@code params._meta} that carry the trace to the receiver, and those, with no value, that must not be there. */
    default Map<String, Optional<String>> carried() {
        return Map.of();
    }

    /** Makes it the current one of this thread, for code that begins spans of its own; to be closed in this thread. */
    default Scope makeCurrent() {
        return Scope.NONE;
    }

    /** The negotiated protocol version. */
    default void speaks(String revision) {}

    /** The session that it belongs to, by its id on the wire. */
    default void inSession(String id) {}

    /** How it travels, when that is known better than at its beginning. */
    default void over(Wire wire) {}

    /** It was answered with a JSON-RPC error. */
    default void error(int code) {}

    /** It was refused here, in words of our own. */
    default void refused(int code, String why) {}

    /** It failed without an answer, or its answer says so: {@code tool_error}, {@code timeout}, {@code cancelled} or a class's name. */
    default void failed(String type) {}

    /** Reads from the whole answer whether it failed; a result's {@code isError} (tools/call) counts as a failure. */
    default void answered(Map<String, Object> whole) {
        if (whole.get("error") instanceof Map<?, ?> error) {
            error(error.get("code") instanceof Number code ? code.intValue() : 0);
        } else if (Boolean.TRUE.equals(
                JsonRpcMessage.object(whole.get("result")).get("isError"))) {
            failed("tool_error");
        }
    }

    /** Nothing more comes; later calls have no effect. */
    default void end() {}

    /** The time in which an observation is current. */
    interface Scope extends AutoCloseable {

        /** Changes nothing. */
        Scope NONE = () -> {};

        @Override
        void close();
    }
}
