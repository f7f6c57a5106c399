// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.openmeteo;

/** Open-Meteo was unreachable or gave no usable answer; the message names the cause. */
public final class OpenMeteoUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OpenMeteoUnavailable(String message) {
        super(message);
    }

    OpenMeteoUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
