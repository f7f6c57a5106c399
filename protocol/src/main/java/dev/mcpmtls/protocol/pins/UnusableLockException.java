// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.pins;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file of pins cannot be used. The message names the file, the line where one is to blame, the cause and the remedy. */
public final class UnusableLockException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnusableLockException(Path file, int line, String why) {
        this(
                file + ":" + line,
                why + "; restore the file, or delete this server's lines and pin its tools again",
                null);
    }

    UnusableLockException(Object where, String why, @Nullable Throwable cause) {
        super("cannot use the tool pins in " + where + ": " + why, cause);
    }
}
