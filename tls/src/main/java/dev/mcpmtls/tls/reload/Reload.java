// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

/** The action on files that a {@link FileWatch} follows. Used by one thread. */
public interface Reload {

    /**
     * Reads the files and takes them into use.
     *
     * @param recovering whether the attempt before this one failed
     * @throws RuntimeException when they cannot be used; nothing has changed then
     */
    void attempt(boolean recovering);

    /** An attempt failed, for another reason than the one before. */
    void failed(String why);

    /** Whether the files are to be read again although they have not changed. */
    default boolean isStale() {
        return false;
    }
}
