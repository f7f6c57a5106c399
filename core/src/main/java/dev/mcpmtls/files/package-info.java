// SPDX-License-Identifier: Apache-2.0
/**
 * Whose is this file? Which files this process may write, and how: owner-only, atomically, never what is not ours; and who else could
 * have written what it reads.
 *
 * <p>Start at {@link dev.mcpmtls.files.OwnedFiles} to write, and at {@link dev.mcpmtls.files.Exposure} before reading what trust rests
 * on.
 */
@NullMarked
package dev.mcpmtls.files;

import org.jspecify.annotations.NullMarked;
