// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import org.jspecify.annotations.Nullable;

/** The server cannot listen at its address. The message names the address, the reason and the remedy. */
public final class CannotListenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CannotListenException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
