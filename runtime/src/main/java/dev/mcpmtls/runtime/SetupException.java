// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

/** A failure to apply the settings on this machine. The message names the object, the cause and the remedy. */
public abstract sealed class SetupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private SetupException(String message) {
        super(message);
    }

    private SetupException(String message, Throwable cause) {
        super(message, cause);
    }

    /** There is no credential of that name, or at that path. */
    public static final class NoCredential extends SetupException {

        private static final long serialVersionUID = 1L;

        NoCredential(String message) {
            super(message);
        }
    }

    /** This user may not look at a file or directory of the store, or cannot make it. */
    public static final class NoAccess extends SetupException {

        private static final long serialVersionUID = 1L;

        NoAccess(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** An address cannot be listened on. */
    public static final class NoAddress extends SetupException {

        private static final long serialVersionUID = 1L;

        NoAddress(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
