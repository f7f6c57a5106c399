// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.protocol.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The lists of a server whose items the access policy decides on. */
enum ListKind {
    TOOLS(Method.TOOLS_LIST, "tools", "name", Subject.TOOL),
    PROMPTS(Method.PROMPTS_LIST, "prompts", "name", Subject.PROMPT),
    RESOURCES(Method.RESOURCES_LIST, "resources", "uri", Subject.RESOURCE),
    TEMPLATES(Method.RESOURCE_TEMPLATES_LIST, "resourceTemplates", "uriTemplate", Subject.TEMPLATE);

    private static final Map<String, ListKind> BY_METHOD =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ListKind::method, Function.identity()));

    private final Method method;
    private final String member;
    private final String key;
    private final Subject subject;

    ListKind(Method method, String member, String key, Subject subject) {
        this.method = method;
        this.member = member;
        this.key = key;
        this.subject = subject;
    }

    /** The list that a method asks for; empty when it asks for none. */
    static Optional<ListKind> of(String method) {
        return Optional.ofNullable(BY_METHOD.get(method));
    }

    /** The method that asks for the list. */
    String method() {
        return method.text();
    }

    /** The member of the result that holds the items. */
    String member() {
        return member;
    }

    /** The member of an item that names it. */
    String key() {
        return key;
    }

    Subject subject() {
        return subject;
    }

    /** The capability that a server with such a list declares. */
    String capability() {
        return method.capability().text();
    }

    /** The notification that the list has changed. */
    String changed() {
        return "notifications/" + capability() + "/list_changed";
    }
}
