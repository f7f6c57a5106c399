// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authz;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * One MCP request, as far as authorisation may look at it. Immutable. Prints its server, method and target only, and compares those and the
 * claims of its token: arguments may be secret, and are read from the request only when a rule asks for them.
 */
public final class Call {

    private static final Pattern SECRETS = Pattern.compile("(?<=://)[^/?#]*@|[?#].*", Pattern.DOTALL);

    private final String server;
    private final String method;
    private final String target;
    private final String entry;
    private final Subject subject;
    private final String protocolVersion;
    private final Supplier<Map<String, Object>> arguments;
    private final Optional<AccessToken> token;

    /** The kind of thing that a call's target names. */
    public enum Subject {
        /** A tool, by name. */
        TOOL("tools/call"),
        /** A prompt, by name. */
        PROMPT("prompts/get"),
        /** A resource, by URI. */
        RESOURCE("resources/read"),
        /** Some resource, by URI template (RFC 6570): for the question whether the template may be listed. */
        TEMPLATE("resources/read"),
        /** Nothing: the method alone says what is asked for. */
        NONE("");

        private final String use;

        Subject(String use) {
            this.use = use;
        }

        /** The method that uses such a thing, for example {@code tools/call}; empty for {@link #NONE}. */
        public String use() {
            return use;
        }

        private static Subject of(String method) {
            return switch (method) {
                case "tools/call" -> TOOL;
                case "prompts/get" -> PROMPT;
                case "resources/read", "resources/subscribe", "resources/unsubscribe" -> RESOURCE;
                default -> NONE;
            };
        }
    }

    /**
     * A call without arguments. The method determines the kind of its target; that of a completion needs {@link #about}.
     *
     * @param server our own server's MCP name, for example {@code weather-mcp}; of an upstream, whose MCP name is its own claim, the name
     *     of its entry in the settings
     * @param method the JSON-RPC method, for example {@code tools/call}
     * @param target the tool's or prompt's name or the resource's URI, also of a completion; empty for methods without one
     */
    public Call(String server, String method, String target) {
        this(server, method, target, server, Subject.of(method), "", Map::of, Optional.empty());
    }

    private Call(
            String server,
            String method,
            String target,
            String entry,
            Subject subject,
            String protocolVersion,
            Supplier<Map<String, Object>> arguments,
            Optional<AccessToken> token) {
        this.server = server;
        this.method = method;
        this.target = target;
        this.entry = entry;
        this.subject = subject;
        this.protocolVersion = protocolVersion;
        this.arguments = arguments;
        this.token = token;
    }

    /** The same at the server that the settings call by this name, for example {@code weather}. */
    public Call at(String entryName) {
        return new Call(server, method, target, entryName, subject, protocolVersion, arguments, token);
    }

    /** The same, its target being a thing of this kind. */
    public Call about(Subject kind) {
        return new Call(server, method, target, entry, kind, protocolVersion, arguments, token);
    }

    /** The same in a negotiated protocol version, for example {@code 2025-11-25}. */
    public Call speaking(String version) {
        return new Call(server, method, target, entry, subject, version, arguments, token);
    }

    /**
     * The same with the arguments of a tool or prompt.
     *
     * @param object gives a JSON object as maps, lists, strings, numbers, booleans and nulls; asked at most once a decision, and only when a
     *     rule looks at arguments
     */
    public Call with(Supplier<Map<String, Object>> object) {
        return new Call(server, method, target, entry, subject, protocolVersion, object, token);
    }

    /** The same, made with these claims of a verified access token; empty for a call that its certificate alone makes. */
    public Call bearing(Optional<AccessToken> claims) {
        return new Call(server, method, target, entry, subject, protocolVersion, arguments, claims);
    }

    /** The server's name for the audit log: our own server's MCP name, or an upstream's entry. */
    public String server() {
        return server;
    }

    /** The JSON-RPC method. */
    public String method() {
        return method;
    }

    /** The tool's or prompt's name or the resource's URI; empty for methods without one. */
    public String target() {
        return target;
    }

    /** The server's name in our settings; the same as {@link #server} unless the call says otherwise. */
    public String entry() {
        return entry;
    }

    /** The kind of the target. */
    public Subject subject() {
        return subject;
    }

    /** The negotiated protocol version; empty when it is not known. */
    public String protocolVersion() {
        return protocolVersion;
    }

    /** Reads the arguments; an empty map when there are none. */
    public Map<String, Object> arguments() {
        return arguments.get();
    }

    /** The claims of the verified access token that it is made with; empty when there is none. */
    public Optional<AccessToken> token() {
        return token;
    }

    /** As it may be written down: without arguments and without the parts of a URI that may carry a token (user information, query, fragment). */
    public Call forRecord() {
        boolean named = target.isEmpty() || method.equals("tools/call") || method.equals("prompts/get");
        String written = named ? target : SECRETS.matcher(target).replaceAll("");
        return new Call(server, method, written, entry, subject, protocolVersion, Map::of, token);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Call call
                && server.equals(call.server)
                && method.equals(call.method)
                && target.equals(call.target)
                && token.equals(call.token);
    }

    @Override
    public int hashCode() {
        return Objects.hash(server, method, target, token);
    }

    @Override
    public String toString() {
        return "Call[server=" + server + ", method=" + method + ", target=" + target + "]";
    }
}
