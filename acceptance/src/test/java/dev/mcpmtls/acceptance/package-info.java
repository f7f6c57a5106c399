// SPDX-License-Identifier: Apache-2.0
/**
 * Does the built product do its job, seen from outside? User stories over the packaged command, with {@code openssl}, {@code
 * curl} and the official Node clients on the other end.
 */
@NullMarked
package dev.mcpmtls.acceptance;

import org.jspecify.annotations.NullMarked;
