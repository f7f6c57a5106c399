// SPDX-License-Identifier: Apache-2.0
/**
 * Which machines get a certificate over the network? The EST server (RFC 7030) of an authority.
 *
 * <p>Internal. Start at {@link dev.mcpmtls.enrolment.server.EstServer}.
 */
@NullMarked
package dev.mcpmtls.enrolment.server;

import org.jspecify.annotations.NullMarked;
