// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.observe.Operation;
import io.opentelemetry.api.common.AttributesBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The method and target of an operation, cleaned and bounded: a peer may have written them. Nothing else of its parameters is read.
 *
 * @param method a name of the form that methods have, else {@code _OTHER}
 * @param tool the tool's name; empty when there is none
 * @param prompt the prompt's name, likewise
 * @param resource the resource's URI without user information, query and fragment, which may hold secrets and arguments
 */
record Subject(String method, String tool, String prompt, String resource) {

    private static final Pattern METHOD = Pattern.compile("[a-z][A-Za-z]{0,31}(/[A-Za-z_]{1,32}){0,3}");
    private static final Pattern USER = Pattern.compile("//[^/]*@");
    private static final Set<String> NOTIFICATIONS = Set.of(
            "notifications/cancelled",
            "notifications/initialized",
            "notifications/progress",
            "notifications/roots/list_changed");
    private static final Set<String> WITH_URI =
            Set.of("resources/read", "resources/subscribe", "resources/unsubscribe", "notifications/resources/updated");

    static Subject of(Operation operation) {
        String method = operation.method();
        Map<String, Object> params = operation.params();
        Map<String, Object> reference = JsonRpcMessage.object(params.get("ref"));
        boolean ofPrompt = "ref/prompt".equals(reference.get("type"));
        return new Subject(
                METHOD.matcher(method).matches() ? method : Convention.OTHER,
                method.equals(Method.TOOLS_CALL.text()) ? clean(params.get("name")) : "",
                method.equals(Method.PROMPTS_GET.text())
                        ? clean(params.get("name"))
                        : method.equals(Method.COMPLETE.text()) && ofPrompt ? clean(reference.get("name")) : "",
                WITH_URI.contains(method) ? uri(params.get("uri")) : "");
    }

    private static String clean(@Nullable Object text) {
        return text instanceof String name ? Printable.clean(name) : "";
    }

    private static String uri(@Nullable Object text) {
        String whole = clean(text).split("[?#]", 2)[0];
        return USER.matcher(whole).replaceFirst("//");
    }

    String spanName() {
        String target = tool.isEmpty() ? prompt : tool;
        return target.isEmpty() ? method : method + " " + target;
    }

    /** The method in a metric, of which there are few: those that the specification has. */
    String countedMethod() {
        return Method.of(method).isPresent() || NOTIFICATIONS.contains(method) ? method : Convention.OTHER;
    }

    /** The target for a metric: a name, never a URI. */
    Optional<String> target() {
        return tool.isEmpty() ? Optional.of(prompt).filter(name -> !name.isEmpty()) : Optional.of(tool);
    }

    void addTo(AttributesBuilder attributes, String methodName, boolean isNamed) {
        attributes.put(Convention.METHOD, methodName);
        if (method.equals(Method.TOOLS_CALL.text())) {
            attributes.put(Convention.OPERATION, Convention.EXECUTE_TOOL);
        }
        if (isNamed && !tool.isEmpty()) {
            attributes.put(Convention.TOOL, tool);
        }
        if (isNamed && !prompt.isEmpty()) {
            attributes.put(Convention.PROMPT, prompt);
        }
    }
}
