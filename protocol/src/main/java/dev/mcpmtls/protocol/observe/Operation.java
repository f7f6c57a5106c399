// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.observe;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request or a notification.
 *
 * @param method as the sender wrote it
 * @param id the request's id, a string or a number; null for a notification
 * @param params empty when absent
 */
public record Operation(String method, @Nullable Object id, Map<String, Object> params, Wire wire) {}
