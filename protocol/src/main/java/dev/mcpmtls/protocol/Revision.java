// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The revisions of MCP that both sides speak, oldest first. */
public enum Revision {
    V2025_03_26("2025-03-26", false),
    V2025_06_18("2025-06-18", false),
    V2025_11_25("2025-11-25", false),
    V2026_07_28("2026-07-28", true);

    /** The newest that has no sessions. */
    public static final Revision MODERN = V2026_07_28;

    /** The member of {@code _meta} that names a modern request's revision. */
    public static final String META_KEY = "io.modelcontextprotocol/protocolVersion";

    private static final List<String> LEGACY = Arrays.stream(values())
            .filter(revision -> !revision.modern)
            .map(Revision::text)
            .toList();
    private static final List<String> SUPPORTED = Arrays.stream(values())
            .map(Revision::text)
            .sorted(Comparator.reverseOrder())
            .toList();

    private final String text;
    private final boolean modern;

    Revision(String text, boolean modern) {
        this.text = text;
        this.modern = modern;
    }

    /** The text on the wire. */
    public String text() {
        return text;
    }

    /** The revisions with sessions, oldest first, as the SDK expects them. */
    public static List<String> legacy() {
        return LEGACY;
    }

    /** All, newest first. */
    public static List<String> supported() {
        return SUPPORTED;
    }
}
