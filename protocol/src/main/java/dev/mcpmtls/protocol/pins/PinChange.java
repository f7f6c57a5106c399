// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that a server offers and that differs from its pins. It is withheld until it is accepted. All texts are the server's,
 * as they came.
 *
 * @param name the tool's name; for other kinds, a word for the changed thing
 * @param pinned the approved value: a tool's members, or a text; empty where nothing was approved
 * @param offered the present value, likewise
 */
public record PinChange(Kind kind, String name, Optional<Object> pinned, Optional<Object> offered) {

    /** The kinds of changes. */
    public enum Kind {
        /** A pinned tool has another definition. */
        CHANGED("TOOL_CHANGED", "its definition is not the pinned one"),
        /** A tool that is not pinned. */
        NEW("TOOL_NEW", "it is not pinned"),
        /** A tool whose definition has no canonical form, so that it cannot be pinned. */
        UNPINNABLE("TOOL_UNPINNABLE", "its definition cannot be pinned"),
        /** A pinned tool that the server does not list to us. */
        REMOVED("TOOL_REMOVED", "the server does not list it, so its definition cannot be checked"),
        /** The instructions for the model in the server's introduction. */
        INSTRUCTIONS("INSTRUCTIONS_CHANGED", "they are not the pinned ones"),
        /** The identity in the server's certificate; no tool of the server is used. */
        IDENTITY("IDENTITY_CHANGED", "another identity answers than the pinned one");

        private final String reason;
        private final String why;

        Kind(String reason, String why) {
            this.reason = reason;
            this.why = why;
        }

        /** The word for it, for example {@code changed}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The code in the audit log, for example {@code TOOL_CHANGED}. */
        public String reason() {
            return reason;
        }

        /** Why it is withheld, in half a sentence. */
        public String why() {
            return why;
        }
    }

    static PinChange tool(Kind kind, String name, @Nullable ToolDefinition pinned, @Nullable ToolDefinition offered) {
        return new PinChange(
                kind,
                name,
                Optional.ofNullable(pinned).map(ToolDefinition::members),
                Optional.ofNullable(offered).map(ToolDefinition::members));
    }

    static PinChange text(Kind kind, Optional<String> pinned, Optional<String> offered) {
        return new PinChange(kind, kind.text(), pinned.map(text -> text), offered.map(text -> text));
    }

    /** The members in which the two differ, by their paths. */
    public List<Difference> differences() {
        return Difference.between(pinned, offered);
    }

    /** The digest of the pinned value; empty where there is none. */
    public Optional<String> pinnedDigest() {
        return pinned.flatMap(PinChange::digest);
    }

    /** The digest of the offered value; empty where there is none, or it cannot be pinned. */
    public Optional<String> offeredDigest() {
        return kind == Kind.UNPINNABLE ? Optional.empty() : offered.flatMap(PinChange::digest);
    }

    /** Whether it can be approved. A value without a canonical form cannot. */
    public boolean isAcceptable() {
        return kind == Kind.REMOVED || offeredDigest().isPresent();
    }

    private static Optional<String> digest(Object value) {
        try {
            return Optional.of(CanonicalJson.digest(value));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The offered definition of a tool that can be accepted; empty for anything else. */
    @SuppressWarnings("unchecked") // a tool's members
    Optional<ToolDefinition> definition() {
        return kind == Kind.CHANGED || kind == Kind.NEW
                ? offered.map(members -> ToolDefinition.of((Map<String, Object>) members))
                : Optional.empty();
    }
}
