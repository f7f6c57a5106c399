// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

/**
 * The cost of a language model for one question.
 *
 * @param model its name, as its server calls it
 * @param rounds how often it was asked
 * @param inputTokens tokens of all requests, as its server counts them; 0 when it does not
 * @param outputTokens tokens of all its answers
 */
public record ModelUsage(String model, int rounds, long inputTokens, long outputTokens) {}
