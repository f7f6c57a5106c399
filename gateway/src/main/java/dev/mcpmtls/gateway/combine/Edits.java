// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes of one parameter of a request, in its text and in what is read from it; a request of our own has no text. */
final class Edits {

    private Edits() {}

    /**
     * The request with another value for a parameter.
     *
     * @param value null to remove it
     * @param path below {@code params}
     */
    static Request with(Request request, @Nullable String value, String... path) {
        Map<String, Object> params = changed(request.params(), value, path);
        String text = request.text();
        if (text != null) {
            String[] whole = new String[path.length + 1];
            whole[0] = "params";
            System.arraycopy(path, 0, whole, 1, path.length);
            text = value == null ? JsonText.remove(text, whole) : JsonText.set(text, JsonText.quote(value), whole);
        }
        return new Request(request.id(), request.method(), params, text);
    }

    /** The answer with another text for a member of its result. */
    static Response with(Response answer, String value, String member) {
        Map<String, Object> whole = changed(answer.whole(), value, "result", member);
        return new Response(answer.id(), whole, answer.text()).with(JsonText.quote(value), "result", member);
    }

    private static Map<String, Object> changed(Map<String, Object> object, @Nullable String value, String... path) {
        Map<String, Object> changed = new LinkedHashMap<>(object);
        if (path.length > 1) {
            Map<String, Object> inner = JsonRpcMessage.object(object.get(path[0]));
            changed.put(path[0], changed(inner, value, Arrays.copyOfRange(path, 1, path.length)));
        } else if (value == null) {
            changed.remove(path[0]);
        } else {
            changed.put(path[0], value);
        }
        return changed;
    }
}
