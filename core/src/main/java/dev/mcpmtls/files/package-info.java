// SPDX-License-Identifier: Apache-2.0
/**
 * Whose is this file? This package decides which files the process may write, and writes them owner-only and atomically. It
 * also finds out which other users could have written a file that the process reads, and says what reading a changed file again means.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.files.OwnedFiles} to write, and at {@link dev.mcpmtls.files.Exposure} before reading a file
 * that trust depends on.
 */
@NullMarked
package dev.mcpmtls.files;

import org.jspecify.annotations.NullMarked;
