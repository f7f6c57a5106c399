// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.mcpmtls.spring;

import org.jspecify.annotations.NullMarked;
