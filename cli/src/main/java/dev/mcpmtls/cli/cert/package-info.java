// SPDX-License-Identifier: Apache-2.0
/**
 * Which certificates are there, and who makes them? The commands {@code init} and {@code cert}.
 *
 * <p>Start at {@link dev.mcpmtls.cli.cert.CertCommand}.
 */
@NullMarked
package dev.mcpmtls.cli.cert;

import org.jspecify.annotations.NullMarked;
