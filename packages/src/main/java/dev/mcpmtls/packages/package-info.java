// SPDX-License-Identifier: Apache-2.0
/**
 * How is the command installed on a machine without Java? {@link dev.mcpmtls.packages.Manual} writes its manual pages,
 * {@link dev.mcpmtls.packages.Image} the container image.
 */
@NullMarked
package dev.mcpmtls.packages;

import org.jspecify.annotations.NullMarked;
