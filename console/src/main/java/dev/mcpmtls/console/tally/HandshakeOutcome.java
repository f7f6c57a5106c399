// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.tally;

/** The outcomes of a handshake. */
public enum HandshakeOutcome {
    /** The peer was accepted. */
    ACCEPTED,
    /** The peer was rejected because of its certificate, or for lack of one. */
    REJECTED,
    /** It failed for another reason. */
    FAILED
}
