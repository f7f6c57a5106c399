// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

import java.util.Locale;

/** An operating system, by how hosts choose their directories. */
public enum OperatingSystem {
    LINUX,
    MACOS,
    WINDOWS;

    /** From the property {@code os.name}; an unknown system counts as Linux, whose layout the other Unixes share. */
    public static OperatingSystem named(String osName) {
        String name = osName.toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            return WINDOWS;
        }
        return name.startsWith("mac") || name.startsWith("darwin") ? MACOS : LINUX;
    }
}
