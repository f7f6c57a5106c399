// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.hosts;

/**
 * A host's configuration cannot be read or changed. The message names the host or the file ({@code file:line:column} where
 * its text is at fault) and the remedy; when it is thrown, the file is as it was.
 */
public final class HostConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    HostConfigurationException(String message) {
        super(message);
    }

    HostConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
