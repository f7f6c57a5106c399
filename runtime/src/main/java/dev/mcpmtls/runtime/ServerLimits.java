// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.runtime.settings.AuditKeys;
import dev.mcpmtls.runtime.settings.LimitKeys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.transport.server.caller.Limits;

/** The settings of {@code http}, {@code limits} and {@code audit.timeout} as the limits of a server. */
final class ServerLimits {

    private ServerLimits() {}

    static Limits of(Settings settings) {
        Limits.Builder limits = Limits.builder()
                .connections(settings.get(LimitKeys.MAX_CONNECTIONS))
                .connectionsPerIdentity(settings.get(LimitKeys.MAX_CONNECTIONS_PER_IDENTITY))
                .inFlight(settings.get(LimitKeys.MAX_IN_FLIGHT))
                .inFlightPerIdentity(settings.get(LimitKeys.MAX_IN_FLIGHT_PER_IDENTITY))
                .streamsPerConnection(settings.get(LimitKeys.MAX_STREAMS_PER_CONNECTION))
                .streamsPerIdentity(settings.get(LimitKeys.MAX_STREAMS_PER_IDENTITY))
                .sessions(settings.get(LimitKeys.MAX_SESSIONS))
                .sessionsPerIdentity(settings.get(LimitKeys.MAX_SESSIONS_PER_IDENTITY))
                .tasks(settings.get(LimitKeys.MAX_TASKS))
                .tasksPerIdentity(settings.get(LimitKeys.MAX_TASKS_PER_IDENTITY))
                .taskBytesPerIdentity(settings.get(LimitKeys.MAX_TASK_BYTES_PER_IDENTITY))
                .taskLifetime(settings.get(LimitKeys.TASK_LIFETIME))
                .maxBody(settings.get(LimitKeys.MAX_BODY))
                .requestBytesPerIdentity(settings.get(LimitKeys.MAX_REQUEST_BYTES_PER_IDENTITY))
                .answerBytesPerIdentity(settings.get(LimitKeys.MAX_ANSWER_BYTES_PER_IDENTITY))
                .firstRequestTimeout(settings.get(LimitKeys.FIRST_REQUEST_TIMEOUT))
                .bodyTimeout(settings.get(LimitKeys.BODY_TIMEOUT))
                .writeTimeout(settings.get(LimitKeys.WRITE_TIMEOUT))
                .idleTimeout(settings.get(LimitKeys.IDLE_TIMEOUT))
                .auditTimeout(settings.get(AuditKeys.AUDIT_TIMEOUT));
        settings.find(LimitKeys.MAX_REQUEST_BYTES).ifPresent(limits::requestBytes);
        settings.find(LimitKeys.MAX_ANSWER_BYTES).ifPresent(limits::answerBytes);
        settings.find(LimitKeys.MAX_TASK_BYTES).ifPresent(limits::taskBytes);
        return limits.build();
    }
}
