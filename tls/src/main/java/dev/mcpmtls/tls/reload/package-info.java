// SPDX-License-Identifier: Apache-2.0
/**
 * Where does the credential come from, and how do it, the trust anchors, the revocation data and the OCSP response follow their
 * files? A file that cannot be used leaves the last good one in force.
 *
 * <p>Internal, except the types that are listed as stable.
 *
 * <p>Start at {@link dev.mcpmtls.tls.reload.FileWatch}; {@link dev.mcpmtls.tls.reload.CredentialSource} supplies a profile's credential.
 */
@NullMarked
package dev.mcpmtls.tls.reload;

import org.jspecify.annotations.NullMarked;
