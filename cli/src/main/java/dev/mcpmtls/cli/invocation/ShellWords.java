// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Path;

/** Words of commands that messages propose. */
public final class ShellWords {

    private ShellWords() {}

    /** How another command is given the same store, with a blank before it; a file or variable is there already. */
    public static String sameDir(Settings settings) {
        return settings.origin(Keys.DIR).equals("--dir") ? dir(settings.get(Keys.DIR)) : "";
    }

    /** The option for a store, with a blank before it. */
    static String dir(Path store) {
        return " --dir " + quoted(store.toString());
    }

    /** A word as a shell takes it, in double quotes where it needs any: single ones stand around commands in messages. */
    public static String quoted(String text) {
        return text.matches("[\\p{L}\\p{N}_./:@%+=,-]+") ? text : '"' + text.replaceAll("([\"$`\\\\])", "\\\\$1") + '"';
    }
}
