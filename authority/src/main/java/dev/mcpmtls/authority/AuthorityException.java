// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.Failures;
import java.nio.file.Path;

/**
 * A failed operation of the authority. The message names the operation, the cause and the remedy; it never holds key material.
 */
public abstract sealed class AuthorityException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private AuthorityException(String message, Throwable cause) {
        super(message, cause);
    }

    private AuthorityException(String message) {
        super(message);
    }

    /** There is no authority here, or its key cannot be decrypted. */
    public static final class Unavailable extends AuthorityException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }

    /** The request asks for something that this authority does not grant; nothing was changed. */
    public static final class Refused extends AuthorityException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }

        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A file or directory of the store could not be read or written, or holds contents from elsewhere. */
    public static final class StoreFailed extends AuthorityException {
        private static final long serialVersionUID = 1L;

        StoreFailed(Path file, String problem) {
            super(file + " " + problem);
        }

        StoreFailed(Path file, String problem, Throwable cause) {
            super(file + " " + problem + " (" + Failures.reason(cause) + ")", cause);
        }
    }
}
