// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustPolicy;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An event that a security team may ask about. */
public sealed interface AuditEvent {

    /** When it happened. */
    Instant at();

    /** The stable name, for example {@code tls-accepted}. */
    String action();

    /** Whether the event describes a success or a refusal. */
    Outcome outcome();

    /** The outcome of an event, as in the Elastic Common Schema's {@code event.outcome}. */
    enum Outcome {
        /** Accepted, permitted or done. */
        SUCCESS,
        /** Rejected, denied or failed. */
        FAILURE
    }

    /** A handshake was completed and the peer accepted. */
    record TlsAccepted(Instant at, ConnectionFacts connection, TrustPolicy.Validation validation, Peer peer)
            implements AuditEvent {
        @Override
        public String action() {
            return "tls-accepted";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * A peer was refused because of its certificate, or for lack of one.
     *
     * @param presented the peer's chain; empty when nothing could be parsed
     * @param findings most serious first; at least one
     */
    record TlsRejected(
            Instant at,
            ConnectionFacts connection,
            TrustPolicy.Validation validation,
            Optional<Chain> presented,
            List<Rejection> findings)
            implements AuditEvent {
        @Override
        public String action() {
            return "tls-rejected";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /**
     * A handshake failed for a reason other than our verification of the peer's certificate: the peer refused ours, spoke no
     * TLS, timed out, or shared no version or cipher suite with us.
     *
     * @param reason a stable code in the form of {@link dev.mcpmtls.trust.Reason}, for example {@code HANDSHAKE_TIMEOUT}
     * @param why one sentence with the remedy
     */
    record HandshakeFailed(Instant at, ConnectionFacts connection, String reason, String why) implements AuditEvent {
        @Override
        public String action() {
            return "tls-rejected";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /**
     * More peers were refused than are recorded one by one; see {@link RejectionLimit}.
     *
     * @param since when the first of them was refused
     * @param count the number of refused peers
     * @param reasons the number of refusals for each reason; those beyond the bound are counted under {@code other}
     * @param addresses the number of refusals from each address, likewise
     */
    record RejectionsSummarised(
            Instant at, Instant since, long count, Map<String, Long> reasons, Map<String, Long> addresses)
            implements AuditEvent {
        /** Copies the maps. */
        public RejectionsSummarised {
            reasons = Map.copyOf(reasons);
            addresses = Map.copyOf(addresses);
        }

        @Override
        public String action() {
            return "tls-rejections-summarised";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /** An accepted peer's verdict no longer stands; its connection is closed. */
    record PeerLapsed(Instant at, ConnectionFacts connection, Peer peer, Rejection rejection) implements AuditEvent {
        @Override
        public String action() {
            return rejection.reason() == dev.mcpmtls.trust.Reason.REVOKED ? "peer-revoked" : "peer-expired";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /**
     * An MCP session was opened.
     *
     * @param session the first 16 hexadecimal digits of the SHA-256 of the session's id, which is itself a secret
     */
    record SessionOpened(Instant at, ConnectionFacts connection, Peer peer, String session) implements AuditEvent {
        @Override
        public String action() {
            return "session-opened";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * A peer asked for a session that it may not use, or for more sessions than it may have.
     *
     * @param session as for {@link SessionOpened}; empty when none was named
     */
    record SessionRefused(Instant at, ConnectionFacts connection, Peer peer, String session, String why)
            implements AuditEvent {
        @Override
        public String action() {
            return "session-refused";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /** A call was permitted or denied. */
    record CallDecided(Instant at, ConnectionFacts connection, Peer caller, Call call, Decision decision)
            implements AuditEvent {
        @Override
        public String action() {
            return decision instanceof Decision.Permit ? "call-permitted" : "call-denied";
        }

        @Override
        public Outcome outcome() {
            return decision instanceof Decision.Permit ? Outcome.SUCCESS : Outcome.FAILURE;
        }
    }

    /** A credential was loaded at start. */
    record CredentialLoaded(Instant at, String credential, Chain chain) implements AuditEvent {
        @Override
        public String action() {
            return "credential-loaded";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /** A running process loaded a new credential. */
    record CredentialReloaded(Instant at, String credential, Chain chain) implements AuditEvent {
        @Override
        public String action() {
            return "credential-reloaded";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * A new credential could not be used; the last good one stays.
     *
     * @param why names the file and the reason
     */
    record CredentialReloadFailed(Instant at, String credential, String why) implements AuditEvent {
        @Override
        public String action() {
            return "credential-reload-failed";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /** Our own credential expires soon. */
    record CredentialExpiring(Instant at, String credential, Chain chain, Duration left) implements AuditEvent {
        @Override
        public String action() {
            return "credential-expiring";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * A running process loaded new trust anchors, CRLs, a new deny list or an OCSP response to staple.
     *
     * @param what which of them, with its file
     */
    record TrustReloaded(Instant at, String what) implements AuditEvent {
        @Override
        public String action() {
            return "trust-reloaded";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * New trust anchors or revocation data could not be used; the last good ones stay in force. After a failed OCSP response,
     * nothing is stapled.
     *
     * @param what which of them, with its file
     * @param why names the file and the reason
     */
    record TrustReloadFailed(Instant at, String what, String why) implements AuditEvent {
        @Override
        public String action() {
            return "trust-reload-failed";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /** The authority issued a certificate. */
    record CertificateIssued(Instant at, String credential, Chain chain) implements AuditEvent {
        @Override
        public String action() {
            return "certificate-issued";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /** The authority renewed a certificate. */
    record CertificateRenewed(Instant at, String credential, Chain chain) implements AuditEvent {
        @Override
        public String action() {
            return "certificate-renewed";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * A certificate was due and could not be renewed; the renewal is retried.
     *
     * @param why the reason with the remedy
     */
    record RenewalFailed(Instant at, String credential, String why) implements AuditEvent {
        @Override
        public String action() {
            return "renewal-failed";
        }

        @Override
        public Outcome outcome() {
            return Outcome.FAILURE;
        }
    }

    /** The authority revoked a certificate. */
    record CertificateRevoked(Instant at, String credential, BigInteger serialNumber) implements AuditEvent {
        @Override
        public String action() {
            return "certificate-revoked";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * Relaxed validation was switched on.
     *
     * @param where which side and address, for example {@code server 127.0.0.1:8443}
     */
    record RelaxedModeOn(Instant at, String where, Set<Relaxation> relaxations) implements AuditEvent {
        @Override
        public String action() {
            return "relaxed-mode-on";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }

    /**
     * Faults of form are tolerated.
     *
     * @param where the credential whose trust policy it is, for example {@code credential weather}
     */
    record TolerancesOn(Instant at, String where, Set<Tolerance> tolerances) implements AuditEvent {

        /** Copies the set. */
        public TolerancesOn {
            tolerances = Set.copyOf(tolerances);
        }

        @Override
        public String action() {
            return "tolerances-on";
        }

        @Override
        public Outcome outcome() {
            return Outcome.SUCCESS;
        }
    }
}
