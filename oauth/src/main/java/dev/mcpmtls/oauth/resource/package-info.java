// SPDX-License-Identifier: Apache-2.0
/** May this token be used here, over this connection? The server's side: a protected resource. */
@NullMarked
package dev.mcpmtls.oauth.resource;

import org.jspecify.annotations.NullMarked;
