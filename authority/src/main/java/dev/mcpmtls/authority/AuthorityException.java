// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.remedy.RemediedException;
import dev.mcpmtls.remedy.Remedy;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A failed operation of the authority. The message names the operation, the cause and the remedy; it never holds key material.
 */
public abstract sealed class AuthorityException extends RemediedException {

    private static final long serialVersionUID = 1L;

    private AuthorityException(String problem, @Nullable String remedy, @Nullable Throwable cause) {
        super(problem, remedy, cause);
    }

    /** There is no authority here, or its key cannot be decrypted. */
    public static final class Unavailable extends AuthorityException {
        private static final long serialVersionUID = 1L;

        Unavailable(String problem, String remedy) {
            super(problem, remedy, null);
        }

        Unavailable(String problem, Remedy remedy) {
            this(problem, remedy.text());
        }
    }

    /** The request asks for something that this authority does not grant; nothing was changed. */
    public static final class Refused extends AuthorityException {
        private static final long serialVersionUID = 1L;

        Refused(String problem) {
            super(problem, null, null);
        }

        Refused(String problem, String remedy) {
            super(problem, remedy, null);
        }

        Refused(String problem, Remedy remedy) {
            this(problem, remedy.text());
        }

        Refused(String problem, Throwable cause) {
            super(problem, null, cause);
        }

        Refused(String problem, String remedy, Throwable cause) {
            super(problem, remedy, cause);
        }
    }

    /** A file or directory of the store could not be read or written, or holds contents from elsewhere. */
    public static final class StoreFailed extends AuthorityException {
        private static final long serialVersionUID = 1L;

        StoreFailed(Path file, String problem, String remedy) {
            super(file + " " + problem, remedy, null);
        }

        StoreFailed(Path file, String problem, Remedy remedy) {
            this(file, problem, remedy.text());
        }

        StoreFailed(Path file, String problem, Throwable cause) {
            super(file + " " + problem + " (" + Failures.reason(cause) + ")", null, cause);
        }

        static StoreFailed notWritten(Path file, IOException cause) {
            return new StoreFailed(file, "cannot be written", "free space, or fix its permissions", cause);
        }

        StoreFailed(Path file, String problem, String remedy, Throwable cause) {
            super(file + " " + problem + " (" + Failures.reason(cause) + ")", remedy, cause);
        }
    }
}
