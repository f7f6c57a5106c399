// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records how handshakes end, whichever engine made them.
 *
 * @param verifier which decided about the peers
 * @param audit where the events go
 * @param clock from which their time is read
 */
public record HandshakeLog(ChainVerifier verifier, AuditSink audit, InstantSource clock) {

    private static final Logger LOG = LoggerFactory.getLogger(HandshakeLog.class);

    /**
     * Records that a peer was accepted, and warns where a relaxation was needed, or where a server knows no CRL that clears it.
     *
     * @return completes when the sink has recorded it
     */
    public CompletionStage<Void> accepted(ConnectionFacts connection, Peer peer) {
        boolean isDoubtful =
                connection.side() == Side.CLIENT ? !peer.relaxed().isEmpty() : peer.isAcceptedWithReservations();
        if (isDoubtful) {
            LOG.warn(peer.acceptance());
        }
        return audit.record(new AuditEvent.TlsAccepted(
                clock.instant(), connection, verifier.policy().validation(), peer));
    }

    /** Records why a handshake did not complete: as a rejection when the verifier rejected the peer. */
    public void failed(ConnectionFacts connection, HandshakeFailure failure) {
        audit.record(
                failure instanceof HandshakeFailure.PeerRefused refused
                        ? new AuditEvent.TlsRejected(
                                clock.instant(),
                                connection,
                                verifier.policy().validation(),
                                refused.presented(),
                                refused.findings())
                        : new AuditEvent.HandshakeFailed(clock.instant(), connection, failure.reason(), failure.why()));
    }
}
