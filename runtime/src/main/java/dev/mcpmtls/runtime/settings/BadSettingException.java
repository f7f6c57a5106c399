// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

/** An unknown setting, or one with a bad value. The message names its origin, its key and the remedy. */
public final class BadSettingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** As it is shown to the user. */
    public BadSettingException(String message) {
        super(message);
    }
}
