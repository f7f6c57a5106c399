// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.transport.server.caller.Limits;

/** The settings of {@code http}, {@code limits} and {@code audit.timeout} as the limits of a server. */
final class ServerLimits {

    private ServerLimits() {}

    static Limits of(Settings settings) {
        Limits.Builder limits = Limits.builder()
                .connections(settings.get(Keys.MAX_CONNECTIONS))
                .connectionsPerIdentity(settings.get(Keys.MAX_CONNECTIONS_PER_IDENTITY))
                .inFlight(settings.get(Keys.MAX_IN_FLIGHT))
                .inFlightPerIdentity(settings.get(Keys.MAX_IN_FLIGHT_PER_IDENTITY))
                .streamsPerConnection(settings.get(Keys.MAX_STREAMS_PER_CONNECTION))
                .streamsPerIdentity(settings.get(Keys.MAX_STREAMS_PER_IDENTITY))
                .sessions(settings.get(Keys.MAX_SESSIONS))
                .sessionsPerIdentity(settings.get(Keys.MAX_SESSIONS_PER_IDENTITY))
                .maxBody(settings.get(Keys.MAX_BODY))
                .requestBytesPerIdentity(settings.get(Keys.MAX_REQUEST_BYTES_PER_IDENTITY))
                .answerBytesPerIdentity(settings.get(Keys.MAX_ANSWER_BYTES_PER_IDENTITY))
                .firstRequestTimeout(settings.get(Keys.FIRST_REQUEST_TIMEOUT))
                .bodyTimeout(settings.get(Keys.BODY_TIMEOUT))
                .writeTimeout(settings.get(Keys.WRITE_TIMEOUT))
                .idleTimeout(settings.get(Keys.IDLE_TIMEOUT))
                .auditTimeout(settings.get(Keys.AUDIT_TIMEOUT));
        settings.find(Keys.MAX_REQUEST_BYTES).ifPresent(limits::requestBytes);
        settings.find(Keys.MAX_ANSWER_BYTES).ifPresent(limits::answerBytes);
        return limits.build();
    }
}
