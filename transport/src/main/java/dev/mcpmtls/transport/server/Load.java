// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.transport.server.caller.Limits;

/**
 * The current cost of a server's callers; {@link Limits} has the bounds.
 *
 * @param connections of accepted peers
 * @param sessions legacy sessions
 * @param tasks that run, or whose outcome is kept
 * @param requestsArriving requests whose bodies have not arrived
 * @param requestsInFlight requests whose handlers run, or whose answers have not left
 * @param requestBytes of request bodies that are not answered
 * @param answerBytes of answers and events that wait for their readers
 * @param unreadRefusals refusals that wait for their readers, over HTTP/2
 * @param refusalsReset how many requests were reset since the start because too many refusals waited
 * @param stalledReaders how many clients were disconnected since the start because they read nothing, excluding
 *     kernel disconnects
 */
public record Load(
        int connections,
        int sessions,
        int tasks,
        int requestsArriving,
        int requestsInFlight,
        long requestBytes,
        long answerBytes,
        int unreadRefusals,
        long refusalsReset,
        long stalledReaders) {

    static final Load NONE = new Load(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
