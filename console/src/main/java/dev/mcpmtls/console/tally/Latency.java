// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

/**
 * How long the calls of a target took in a window, for all peers.
 *
 * @param server as in the audit log
 * @param target the tool, prompt or resource; empty for a method without one
 * @param finished how many calls
 */
public record Latency(String server, String method, String target, long finished, double p50Millis, double p99Millis) {}
