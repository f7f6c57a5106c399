// SPDX-License-Identifier: Apache-2.0
@NullMarked
package dev.mcpmtls.coordinator.model;

import org.jspecify.annotations.NullMarked;
