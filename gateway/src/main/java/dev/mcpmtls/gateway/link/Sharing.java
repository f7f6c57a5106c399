// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.link;

/** The clients of a {@link LegacyLink}. */
public enum Sharing {
    /** One client, whose own {@code initialize} and {@code notifications/initialized} go to the server. */
    ONE_CLIENT,
    /** Clients of one identity. */
    ONE_IDENTITY,
    /** All clients: questions and log messages of the server name no caller, and go to none. */
    EVERYBODY
}
