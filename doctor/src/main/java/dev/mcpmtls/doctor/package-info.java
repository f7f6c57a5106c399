// SPDX-License-Identifier: Apache-2.0
/**
 * Why does this connection not work? Walks from the name to the tools, one check after the other, each with its evidence and its
 * remedy.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.doctor.Doctor}.
 */
@NullMarked
package dev.mcpmtls.doctor;

import org.jspecify.annotations.NullMarked;
