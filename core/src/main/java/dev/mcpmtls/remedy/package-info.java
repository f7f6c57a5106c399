// SPDX-License-Identifier: Apache-2.0
/**
 * What mends it? Remedies as data: an act on a credential, a setting to change, and plain words between them. The program puts them into
 * words: a command line names commands, and any other program gets those of Java. {@link dev.mcpmtls.remedy.Nearest} guesses what a
 * misspelt word meant.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.remedy.Remedy}.
 */
@NullMarked
package dev.mcpmtls.remedy;

import org.jspecify.annotations.NullMarked;
