// SPDX-License-Identifier: Apache-2.0
// The words of outcomes and reasons.

const REASONS = {
  NO_CERTIFICATE: 'presented no certificate',
  MALFORMED_CERTIFICATE: 'presented something that is no certificate',
  PROOF_OF_POSSESSION_FAILED: 'does not hold the private key',
  BAD_SIGNATURE: 'the certificate was altered',
  REVOKED: 'the certificate was revoked',
  PIN_MISMATCH: 'the key is not the pinned one',
  WEAK_KEY: 'a key is too weak',
  WEAK_SIGNATURE: 'a signature algorithm is too weak',
  UNHANDLED_CRITICAL_EXTENSION: 'an unknown critical extension',
  PATH_TOO_LONG: 'too many certificates below an issuer',
  NAME_CONSTRAINT_VIOLATED: 'a name outside the issuer’s constraints',
  ISSUER_NOT_ALLOWED_FOR_NAME: 'the trust anchor may not vouch for this name',
  INVALID_PATH: 'the Java platform rejects the chain',
  UNTRUSTED_ISSUER: 'not issued by a trust anchor',
  WRONG_PURPOSE: 'a certificate for another role',
  EXPIRED: 'the certificate has expired',
  NOT_YET_VALID: 'the certificate is not yet valid',
  NAME_MISMATCH: 'the certificate is for other names',
  REVOCATION_UNKNOWN: 'revocation status unknown',
  DENIED_BY_POLICY: 'no rule permits it, or one denies it',
  RATE_LIMITED: 'above the rate of its rule',
  WOULD_BE_DENIED: 'permitted in shadow mode; enforced, it would be denied',
  HANDSHAKE_TIMEOUT: 'the handshake took too long',
  SESSION_REFUSED: 'may not use the session',
  TOKEN_MISSING: 'no access token',
  TOKEN_INVALID: 'the access token is no good token',
  TOKEN_EXPIRED: 'the access token has expired or is not yet valid',
  TOKEN_WRONG_ISSUER: 'the access token’s issuer is not trusted',
  TOKEN_WRONG_AUDIENCE: 'the access token is for another server',
  TOKEN_WRONG_BINDING: 'the access token is bound to another certificate, or to none',
  TOKEN_REVOKED: 'the access token was revoked',
  TOKEN_INSUFFICIENT_SCOPE: 'the access token lacks a scope',
  TOKEN_UNAVAILABLE: 'the access token could not be verified now',
};

/** A reason code in a few words; empty for one that is not known here. */
export const reasonWords = (code) => REASONS[code] ?? '';

/** The outcome of an event, as a style and a word. */
export function outcomeOf(event) {
  if (event.would || event.reason === 'WOULD_BE_DENIED') return ['shadow', 'Would be denied'];
  if (event.reason === 'RATE_LIMITED') return ['limited', 'Rate limited'];
  if (event.action === 'call-permitted') return ['permitted', 'Permitted'];
  if (event.action === 'call-denied') return ['refused', 'Denied'];
  if (event.action === 'tls-accepted') return ['permitted', 'Accepted'];
  if (event.outcome !== 'failure') return ['neutral', 'Done'];
  return ['refused', /failed$/.test(event.action) ? 'Failed' : /rejected|refused|summarised/.test(event.action) ? 'Refused' : 'Attention'];
}

const STATUS = {
  expired: ['refused', 'Expired'],
  notYetValid: ['refused', 'Not yet valid'],
  unusable: ['refused', 'Unusable'],
  overdue: ['limited', 'Overdue'],
  due: ['shadow', 'Due'],
  ok: ['permitted', 'OK'],
  degraded: ['limited', 'Degraded'],
  failing: ['refused', 'Failing'],
};

/** A status of a certificate or check, as a style and a word. */
export const statusWords = (status) => STATUS[status] ?? ['neutral', status];

export const KINDS = {
  own: 'Credential',
  peer: 'Peer',
  anchor: 'Trust anchor',
  crl: 'CRL',
  ocsp: 'OCSP response',
};
