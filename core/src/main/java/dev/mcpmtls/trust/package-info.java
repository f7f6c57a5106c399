// SPDX-License-Identifier: Apache-2.0
/**
 * Does this chain lead to an anchor, now? Strict, relaxed and pinned validation, revocation, and the verdict's shelf life.
 *
 * <p>Start at {@link dev.mcpmtls.trust.ChainVerifier}. Only this room can make a {@link dev.mcpmtls.trust.Peer}.
 *
 * <h2>The order of the checks, and why</h2>
 *
 * <ol>
 *   <li><b>Bytes.</b> The presented encodings together are bounded before anything is read, so that size is never work.
 *   <li><b>Parsing anew, from the encoding.</b> Whose objects come out of a TLS engine, and what they cache, is not known.
 *       Extensions are then read by our own strict reader: the platform's decoded names change under validation (a common
 *       name joins them once a name constraint was looked at), and its parser ignores what it cannot read if it is not
 *       critical. What cannot be read is a finding, never an absence.
 *   <li><b>A path.</b> Depth first from the leaf over presented intermediates and anchors, by name and by signature. Signatures
 *       come before everything that a certificate says about itself, because until then nobody has said it. Steps,
 *       signatures and length are bounded; a key too costly to verify with is not verified with. A certificate that claims
 *       an issuer at hand, by name or by key identifier, and does not carry its signature is corrupt or forged, in every mode.
 *   <li><b>Each certificate in its place:</b> well-formed names, strength, critical extensions, validity; the leaf's purpose,
 *       and that it is no authority; that each issuer is one. The trust anchor is held to the same: it is a certificate that
 *       somebody can get wrong, and its limits bind.
 *   <li><b>Neighbours:</b> path length, name constraints, key identifiers.
 *   <li><b>Revocation:</b> the deny list about every certificate, then CRLs, whose signature needs the issuer just
 *       established.
 *   <li><b>The name that was dialled,</b> against the alternative names alone.
 *   <li><b>A second opinion.</b> The platform's own PKIX validator must agree. It also processes certificate policies; name constraints it
 *       is not shown, because it holds common names against them.
 * </ol>
 *
 * <p>All checks run, and all findings are kept; {@link dev.mcpmtls.trust.Reason} ranks them and the first is the reason.
 * Among several paths the one without findings wins, otherwise the one whose worst finding is the least serious. Only then
 * does the policy speak: what a relaxation names, or a pin replaces, is recorded, and everything else refuses. No policy can
 * therefore make a check not run.
 *
 * <p>What strict takes from RFC 5280 and leaves to taste elsewhere: key identifiers must be there (section 4.2.1.1 and
 * 4.2.1.2); basic constraints of an issuer must be critical (4.2.1.9); an absent extended key usage means any (4.2.1.12);
 * name constraints are enforced whether critical or not. Of these, {@link dev.mcpmtls.trust.Tolerance} names what a policy may tolerate.
 * Distinguished names are text of the kinds that RFC 5280 names, everywhere in a certificate ({@code NameForm}).
 */
@NullMarked
package dev.mcpmtls.trust;

import org.jspecify.annotations.NullMarked;
