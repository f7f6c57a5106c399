// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

/** Takes files into use that have changed; a watch calls it. Used by one thread. */
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

    /**
     * Whether half of a file is never taken for a whole one. Other files, such as lists that may end at any line, are read only once they
     * have stayed the same for longer, and never while they keep changing.
     */
    default boolean recognisesTornFiles() {
        return false;
    }

    /** Whether the files are to be read again although they have not changed. */
    default boolean isStale() {
        return false;
    }
}
