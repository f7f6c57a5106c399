// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

/**
 * A name a peer can own. Two peers are the same peer exactly when their identities are equal; a subject's common
 * name is for display and never decides.
 */
public sealed interface Identity permits SpiffeId, DnsName, IpAddress, PublicKeyPin {

    /** The identity as users write it, for example {@code spiffe://demo.local/agent/coordinator}. */
    String text();
}
