// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import org.jspecify.annotations.Nullable;

/** The TLS engine that was asked for cannot be used here, or cannot do what it should. The message says why, and what to do. */
public final class UnusableEngineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnusableEngineException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
