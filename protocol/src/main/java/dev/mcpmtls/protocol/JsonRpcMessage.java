// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One message, already checked for its form (JSON-RPC 2.0 as MCP narrows it). */
public sealed interface JsonRpcMessage {

    /** The message as it came; null when it did not come from a peer. */
    @Nullable
    String text();

    /**
     * The message as it came, in UTF-8.
     *
     * @throws IllegalStateException when it did not come from a peer
     */
    default byte[] bytes() {
        String text = text();
        if (text == null) {
            throw new IllegalStateException("a message of our own has no text");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Wants an answer.
     *
     * @param id a {@link String}, {@link Integer} or {@link Long}
     * @param params empty when absent
     */
    record Request(
            Object id,
            String method,
            Map<String, Object> params,
            @Nullable String text) implements JsonRpcMessage {

        /** One of our own. */
        public Request(Object id, String method, Map<String, Object> params) {
            this(id, method, params, null);
        }

        /** {@code params._meta}; empty when absent. */
        public Map<String, Object> meta() {
            return object(params.get("_meta"));
        }

        /** The string parameter of that name; empty when absent. */
        public String text(String parameter) {
            return params.get(parameter) instanceof String text ? text : "";
        }

        /**
         * The target: the tool's or prompt's name, or the resource's URI; empty when the method has none.
         *
         * @throws InvalidMessageException when the method needs one and it is missing
         */
        public String target() {
            return switch (Method.of(method).map(Method::target).orElse(Method.Target.NONE)) {
                case NAME -> required("name");
                case URI -> required("uri");
                case REFERENCE -> reference();
                case TASK -> required("taskId");
                case NONE -> "";
            };
        }

        /** The prompt's name, or the resource's URI, for which the client asks for completions. */
        private String reference() {
            Map<String, Object> reference = object(params.get("ref"));
            Object target = reference.get("ref/prompt".equals(reference.get("type")) ? "name" : "uri");
            if (target instanceof String text && !text.isEmpty()) {
                return text;
            }
            throw InvalidMessageException.params(
                    "completion/complete needs a reference to a prompt or a resource in 'ref'");
        }

        private String required(String parameter) {
            String value = text(parameter);
            if (value.isEmpty()) {
                throw InvalidMessageException.params(method + " needs the string parameter '" + parameter + "'");
            }
            return value;
        }
    }

    /**
     * Wants no answer.
     *
     * @param params empty when absent
     */
    record Notification(
            String method,
            Map<String, Object> params,
            @Nullable String text) implements JsonRpcMessage {}

    /**
     * Answers a request of ours: the whole object, as it came.
     *
     * @param id a {@link String}, {@link Integer} or {@link Long}
     */
    record Response(
            Object id, Map<String, Object> whole, @Nullable String text) implements JsonRpcMessage {

        /**
         * The same, but for a member of its text.
         *
         * @param value JSON
         * @param path the names that lead to the member
         */
        public Response with(String value, String... path) {
            return new Response(id, whole, JsonText.set(Objects.requireNonNull(text), value, path));
        }
    }

    /** The value as a JSON object; empty when it is something else. */
    @SuppressWarnings("unchecked") // JSON objects are only ever read as Map<String, Object>
    static Map<String, Object> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }
}
