// SPDX-License-Identifier: Apache-2.0
/**
 * How are answers of {@code java.net.http} kept within bounds?
 *
 * <p>Internal.
 */
@NullMarked
package dev.mcpmtls.tls.http;

import org.jspecify.annotations.NullMarked;
