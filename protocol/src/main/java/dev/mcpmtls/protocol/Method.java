// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The requests that clients make of servers, and what the specification says of each. */
public enum Method {
    INITIALIZE("initialize", Capability.NONE, Target.NONE, Eras.LEGACY, Kind.OTHER),
    PING("ping", Capability.NONE, Target.NONE, Eras.LEGACY, Kind.OTHER),
    DISCOVER("server/discover", Capability.NONE, Target.NONE, Eras.MODERN, Kind.OTHER),
    TOOLS_LIST("tools/list", Capability.TOOLS, Target.NONE, Eras.BOTH, Kind.LIST),
    TOOLS_CALL("tools/call", Capability.TOOLS, Target.NAME, Eras.BOTH, Kind.CALL),
    PROMPTS_LIST("prompts/list", Capability.PROMPTS, Target.NONE, Eras.BOTH, Kind.LIST),
    PROMPTS_GET("prompts/get", Capability.PROMPTS, Target.NAME, Eras.BOTH, Kind.CALL),
    RESOURCES_LIST("resources/list", Capability.RESOURCES, Target.NONE, Eras.BOTH, Kind.LIST),
    RESOURCE_TEMPLATES_LIST("resources/templates/list", Capability.RESOURCES, Target.NONE, Eras.BOTH, Kind.LIST),
    RESOURCES_READ("resources/read", Capability.RESOURCES, Target.URI, Eras.BOTH, Kind.CALL),
    RESOURCES_SUBSCRIBE("resources/subscribe", Capability.RESOURCES, Target.URI, Eras.LEGACY, Kind.OTHER),
    RESOURCES_UNSUBSCRIBE("resources/unsubscribe", Capability.RESOURCES, Target.URI, Eras.LEGACY, Kind.OTHER),
    SUBSCRIPTIONS_LISTEN("subscriptions/listen", Capability.NONE, Target.NONE, Eras.MODERN, Kind.OTHER),
    COMPLETE("completion/complete", Capability.COMPLETIONS, Target.REFERENCE, Eras.BOTH, Kind.OTHER),
    SET_LEVEL("logging/setLevel", Capability.LOGGING, Target.NONE, Eras.LEGACY, Kind.OTHER),
    TASKS_GET("tasks/get", Capability.NONE, Target.TASK, Eras.MODERN, Kind.TASK),
    TASKS_UPDATE("tasks/update", Capability.NONE, Target.TASK, Eras.MODERN, Kind.TASK),
    TASKS_CANCEL("tasks/cancel", Capability.NONE, Target.TASK, Eras.MODERN, Kind.TASK);

    /** The capability that a server declares when it answers the method. */
    public enum Capability {
        /** Every server answers it. */
        NONE,
        TOOLS,
        PROMPTS,
        RESOURCES,
        COMPLETIONS,
        LOGGING;

        private final String text = name().toLowerCase(Locale.ROOT);

        /** As it is declared; of no use for {@link #NONE}. */
        public String text() {
            return text;
        }
    }

    /** The parameter that names the request's subject. */
    public enum Target {
        NONE,
        /** {@code name} */
        NAME,
        /** {@code uri} */
        URI,
        /** {@code ref}: a prompt's name or a resource's URI */
        REFERENCE,
        /** {@code taskId} */
        TASK
    }

    private enum Eras {
        LEGACY,
        MODERN,
        BOTH
    }

    private enum Kind {
        LIST,
        CALL,
        TASK,
        OTHER
    }

    private static final Map<String, Method> BY_TEXT =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Method::text, Function.identity()));

    private final String text;
    private final Capability capability;
    private final Target target;
    private final Eras eras;
    private final Kind kind;

    Method(String text, Capability capability, Target target, Eras eras, Kind kind) {
        this.text = text;
        this.capability = capability;
        this.target = target;
        this.eras = eras;
        this.kind = kind;
    }

    /** The method of that name; empty when the specification has none. */
    public static Optional<Method> of(String text) {
        return Optional.ofNullable(BY_TEXT.get(text));
    }

    /** The text on the wire. */
    public String text() {
        return text;
    }

    public Capability capability() {
        return capability;
    }

    public Target target() {
        return target;
    }

    /** Whether {@link Revision#MODERN} has it. */
    public boolean isModern() {
        return eras != Eras.LEGACY;
    }

    /** Whether it lists what a server offers. */
    public boolean isList() {
        return kind == Kind.LIST;
    }

    /** Whether it uses one thing that a server offers: then the result may be questions to the client. */
    public boolean isCall() {
        return kind == Kind.CALL;
    }

    /** Whether it is about one task (Tasks extension). */
    public boolean isTask() {
        return kind == Kind.TASK;
    }

    /** The parameter that the header {@code Mcp-Name} repeats; empty when the method has no such header. */
    public Optional<String> named() {
        return switch (target) {
            case NAME -> Optional.of("name");
            case URI -> isCall() ? Optional.of("uri") : Optional.empty();
            case TASK -> Optional.of("taskId");
            case REFERENCE, NONE -> Optional.empty();
        };
    }

    /** Whether its result says how long it may be cached. */
    public boolean isCacheable() {
        return isList() || this == DISCOVER || this == RESOURCES_READ;
    }
}
