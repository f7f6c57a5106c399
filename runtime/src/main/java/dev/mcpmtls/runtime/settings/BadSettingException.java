// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

/** A setting is unknown or has a bad value. The message says where it was found, its key, and what would do. */
public final class BadSettingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** As it is shown to the user. */
    public BadSettingException(String message) {
        super(message);
    }
}
