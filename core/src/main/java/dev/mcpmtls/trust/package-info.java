// SPDX-License-Identifier: Apache-2.0
/**
 * Does this chain lead to an anchor, now? Strict, relaxed and pinned validation, revocation, and the lifetime of verdicts.
 *
 * <p>Start at {@link dev.mcpmtls.trust.ChainVerifier}. Only this package can make a {@link dev.mcpmtls.trust.Peer}.
 *
 * <h2>The order of the checks, and why</h2>
 *
 * <ol>
 *   <li><b>Bytes.</b> The presented encodings together are bounded before anything is read, so that size costs no work.
 *   <li><b>Parsing again, from the encoding.</b> The origin and the caches of a TLS engine's objects are unknown. Our own
 *       strict reader then reads the extensions. The platform's decoded names change during validation (a common name joins
 *       them once a name constraint was checked), and its parser ignores unreadable extensions that are not critical. An
 *       unreadable extension is a finding, never an absence.
 *   <li><b>A path.</b> Depth first from the leaf over presented intermediates and anchors, by name and by signature. Signatures
 *       come before a certificate's own statements, because an unsigned statement proves nothing. Steps, signatures and length
 *       are bounded, and keys that are too costly are not used. A certificate that claims an available issuer, by name or by
 *       key identifier, and does not carry its signature is corrupt or forged, in every mode.
 *   <li><b>Each certificate in its place:</b> well-formed names, strength, critical extensions, validity; the leaf's purpose,
 *       and that it is no authority; that each issuer is one. The trust anchor must pass the same checks: its maker can make
 *       mistakes, and its limits apply.
 *   <li><b>Neighbours:</b> path length, name constraints, key identifiers.
 *   <li><b>Revocation:</b> the deny list about every certificate, then CRLs, whose signature needs the issuer just
 *       established.
 *   <li><b>The expected name of a server,</b> against the alternative names alone.
 *   <li><b>A second opinion.</b> The platform's own PKIX validator must agree. It also processes certificate policies. It does
 *       not see name constraints, because it would apply them to common names.
 * </ol>
 *
 * <p>All checks run, and all findings are kept; {@link dev.mcpmtls.trust.Reason} ranks them and the first is the reason. Among
 * several paths the one without findings wins, otherwise the one whose worst finding is the least serious. Only then is the
 * policy applied: findings that a relaxation names, or a pin replaces, are recorded, and all others refuse the peer. No policy
 * can therefore skip a check.
 *
 * <p>Strict validation enforces these rules of RFC 5280, which other implementations treat as optional:
 *
 * <ul>
 *   <li>Key identifiers must be present (sections 4.2.1.1 and 4.2.1.2).
 *   <li>Basic constraints of an issuer must be critical (4.2.1.9).
 *   <li>An absent extended key usage means any (4.2.1.12).
 *   <li>Name constraints are enforced whether critical or not.
 *   <li>Distinguished names are text of the kinds in RFC 5280, everywhere in a certificate ({@code NameForm}).
 * </ul>
 *
 * <p>{@link dev.mcpmtls.trust.Tolerance} names the faults that a policy may tolerate.
 */
@NullMarked
package dev.mcpmtls.trust;

import org.jspecify.annotations.NullMarked;
