// SPDX-License-Identifier: Apache-2.0
/**
 * What does all of it look like? The command {@code demo}, whose every line is what really happened.
 *
 * <p>Start at {@link dev.mcpmtls.cli.demo.DemoCommand}.
 */
@NullMarked
package dev.mcpmtls.cli.demo;

import org.jspecify.annotations.NullMarked;
