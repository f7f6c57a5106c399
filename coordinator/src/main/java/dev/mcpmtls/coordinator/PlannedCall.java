// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator;

import java.util.Map;

/**
 * One tool call of a plan.
 *
 * @param arguments in the order in which the tool declares them
 * @param subject the subject as text: {@code Weather in Tokyo}
 */
public record PlannedCall(String tool, Map<String, Object> arguments, String subject) {}
