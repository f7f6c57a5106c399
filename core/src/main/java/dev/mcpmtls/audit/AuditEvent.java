// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustPolicy;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** An event that a security team may ask about. */
public sealed interface AuditEvent {

    /** When it happened. */
    Instant at();

    /** The event's name in records and whether it is a success. */
    default Action action() {
        return Action.of(getClass());
    }

    /** The outcome of an event, as in the Elastic Common Schema's {@code event.outcome}. */
    enum Outcome {
        /** Accepted, permitted or done. */
        SUCCESS,
        /** Rejected, denied or failed. */
        FAILURE
    }

    /** The actions that records name: each with its outcome and the events that always have it. */
    enum Action {
        TLS_ACCEPTED(Outcome.SUCCESS, TlsAccepted.class),
        TLS_REJECTED(Outcome.FAILURE, TlsRejected.class, HandshakeFailed.class),
        TLS_REJECTIONS_SUMMARISED(Outcome.FAILURE, RejectionsSummarised.class),
        PEER_REVOKED(Outcome.FAILURE),
        PEER_EXPIRED(Outcome.FAILURE),
        SESSION_OPENED(Outcome.SUCCESS, SessionOpened.class),
        SESSION_REFUSED(Outcome.FAILURE, SessionRefused.class),
        TOKEN_REFUSED(Outcome.FAILURE, TokenRefused.class),
        CALL_PERMITTED(Outcome.SUCCESS),
        CALL_DENIED(Outcome.FAILURE),
        CALL_PLANNED(Outcome.SUCCESS, CallPlanned.class),
        TASK_BEGUN(Outcome.SUCCESS, TaskBegun.class),
        TASK_COMPLETED(Outcome.SUCCESS),
        TASK_CANCELLED(Outcome.SUCCESS),
        TASK_FAILED(Outcome.FAILURE),
        TOOL_CHANGED(Outcome.FAILURE, ToolChanged.class),
        TOOL_ACCEPTED(Outcome.SUCCESS, ToolAccepted.class),
        CREDENTIAL_LOADED(Outcome.SUCCESS, CredentialLoaded.class),
        CREDENTIAL_RELOADED(Outcome.SUCCESS, CredentialReloaded.class),
        CREDENTIAL_RELOAD_FAILED(Outcome.FAILURE, CredentialReloadFailed.class),
        CREDENTIAL_EXPIRING(Outcome.SUCCESS, CredentialExpiring.class),
        TRUST_RELOADED(Outcome.SUCCESS, TrustReloaded.class),
        TRUST_RELOAD_FAILED(Outcome.FAILURE, TrustReloadFailed.class),
        POLICY_RELOADED(Outcome.SUCCESS, PolicyReloaded.class),
        POLICY_RELOAD_FAILED(Outcome.FAILURE, PolicyReloadFailed.class),
        CERTIFICATE_ISSUED(Outcome.SUCCESS, CertificateIssued.class),
        CERTIFICATE_RENEWED(Outcome.SUCCESS, CertificateRenewed.class),
        CERTIFICATE_REVOKED(Outcome.SUCCESS, CertificateRevoked.class),
        RENEWAL_FAILED(Outcome.FAILURE, RenewalFailed.class),
        INVITATION_MADE(Outcome.SUCCESS, InvitationMade.class),
        INVITATION_WITHDRAWN(Outcome.SUCCESS, InvitationWithdrawn.class),
        ENROLMENT_GRANTED(Outcome.SUCCESS, EnrolmentGranted.class),
        ENROLMENT_REFUSED(Outcome.FAILURE, EnrolmentRefused.class),
        RELAXED_MODE_ON(Outcome.SUCCESS, RelaxedModeOn.class),
        TOLERANCES_ON(Outcome.SUCCESS, TolerancesOn.class),
        /** The log's own record of an interruption; no event has it. */
        AUDIT_RESUMED(Outcome.FAILURE);

        static final Map<Class<?>, Action> EVENTS = Arrays.stream(values())
                .flatMap(action -> action.events.stream().map(event -> Map.entry(event, action)))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

        private final Outcome outcome;

        @SuppressWarnings("ImmutableEnumChecker") // made by List.of
        private final List<Class<?>> events;

        private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** @param events none when an event decides between actions and overrides {@link AuditEvent#action} */
        Action(Outcome outcome, Class<?>... events) {
            this.outcome = outcome;
            this.events = List.of(events);
        }

        private static Action of(Class<?> event) {
            return Objects.requireNonNull(EVENTS.get(event), event::getName);
        }

        /** Whether the action is a success or a refusal. */
        public Outcome outcome() {
            return outcome;
        }

        /** The stable name in records, for example {@code tls-accepted}. */
        public String text() {
            return text;
        }
    }

    /** A handshake was completed and the peer accepted. */
    record TlsAccepted(Instant at, ConnectionFacts connection, TrustPolicy.Validation validation, Peer peer)
            implements AuditEvent {}

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
            implements AuditEvent {}

    /**
     * A handshake failed for a reason other than our verification of the peer's certificate: the peer refused ours, spoke no
     * TLS, timed out, or shared no version or cipher suite with us.
     *
     * @param reason a stable code in the form of {@link Reason}, for example {@code HANDSHAKE_TIMEOUT}
     * @param why one sentence with the remedy
     */
    record HandshakeFailed(Instant at, ConnectionFacts connection, String reason, String why) implements AuditEvent {}

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
    }

    /** An accepted peer's verdict no longer stands; its connection is closed. */
    record PeerLapsed(Instant at, ConnectionFacts connection, Peer peer, Rejection rejection) implements AuditEvent {
        @Override
        public Action action() {
            return rejection.reason() == Reason.REVOKED ? Action.PEER_REVOKED : Action.PEER_EXPIRED;
        }
    }

    /**
     * An MCP session was opened.
     *
     * @param session the first 16 hexadecimal digits of the SHA-256 of the session's id, which is itself a secret
     * @param token the claims of the access token that the request carried; empty when it carried none
     */
    record SessionOpened(Instant at, ConnectionFacts connection, Peer peer, String session, Optional<AccessToken> token)
            implements AuditEvent {

        /** One without an access token. */
        public SessionOpened(Instant at, ConnectionFacts connection, Peer peer, String session) {
            this(at, connection, peer, session, Optional.empty());
        }
    }

    /**
     * A peer asked for a session that it may not use, or for more sessions than it may have.
     *
     * @param session as for {@link SessionOpened}; empty when none was named
     * @param token as for {@link SessionOpened}
     */
    record SessionRefused(
            Instant at, ConnectionFacts connection, Peer peer, String session, String why, Optional<AccessToken> token)
            implements AuditEvent {

        /** One without an access token. */
        public SessionRefused(Instant at, ConnectionFacts connection, Peer peer, String session, String why) {
            this(at, connection, peer, session, why, Optional.empty());
        }
    }

    /**
     * A peer's request was refused because of its access token, or for lack of one.
     *
     * @param server the server's MCP name
     * @param reason a stable code in the form of {@link Reason}: {@code TOKEN_} and the {@link TokenRefusedException.Why}, or {@code TOKEN_MISSING}
     * @param why one sentence with the remedy; has no part of the token
     * @param token its claims, when its issuer vouched for them
     * @param boundTo the certificate that it is bound to, when that is not the peer's: SHA-256 in hexadecimal
     */
    record TokenRefused(
            Instant at,
            ConnectionFacts connection,
            Peer peer,
            String server,
            String reason,
            String why,
            Optional<AccessToken> token,
            Optional<String> boundTo)
            implements AuditEvent {}

    /**
     * A call was permitted or denied.
     *
     * @param trace where it is in the traces of its callers; empty when none are kept
     */
    record CallDecided(
            Instant at, ConnectionFacts connection, Peer caller, Call call, Decision decision, Optional<Trace> trace)
            implements AuditEvent {

        /** A decision without a trace. */
        public CallDecided(Instant at, ConnectionFacts connection, Peer caller, Call call, Decision decision) {
            this(at, connection, caller, call, decision, Optional.empty());
        }

        @Override
        public Action action() {
            return decision instanceof Decision.Permit ? Action.CALL_PERMITTED : Action.CALL_DENIED;
        }
    }

    /**
     * A permitted call became a task, which goes on after the call was answered.
     *
     * @param task the first 16 hexadecimal digits of the SHA-256 of the task's id, which is itself a secret
     */
    record TaskBegun(Instant at, ConnectionFacts connection, Peer caller, Call call, String task)
            implements AuditEvent {}

    /**
     * A task ended. The end of a task at another server is recorded when its caller asks for it.
     *
     * @param connection the one over which it was begun
     * @param task as for {@link TaskBegun}
     */
    record TaskEnded(Instant at, ConnectionFacts connection, Peer caller, Call call, String task, End end)
            implements AuditEvent {

        /** How a task ends. */
        public enum End {
            COMPLETED,
            FAILED,
            CANCELLED,
            /** The work took longer than the server allows, or the server was stopped. */
            EXPIRED;

            /** Its name in records and metrics, for example {@code completed}. */
            public String text() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Override
        public Action action() {
            return switch (end) {
                case COMPLETED -> Action.TASK_COMPLETED;
                case CANCELLED -> Action.TASK_CANCELLED;
                case FAILED, EXPIRED -> Action.TASK_FAILED;
            };
        }
    }

    /**
     * A language model decided that our client calls a tool. The server's own record says whether it permitted the call.
     *
     * @param model its name
     * @param server the server's name in our configuration
     */
    record CallPlanned(Instant at, String model, String server, String tool) implements AuditEvent {}

    /**
     * A server offers a tool, instructions or an identity that is not the pinned one; it is withheld.
     *
     * @param server the server's key among the pins: its URL, or the name of a gateway's entry
     * @param name the tool's name as the server has it, {@code instructions} or {@code identity}
     * @param reason a stable code, for example {@code TOOL_CHANGED} or {@code TOOL_NEW}
     * @param why half a sentence
     * @param pinned the SHA-256 of the pinned value in hexadecimal; empty where nothing was pinned
     * @param offered the SHA-256 of the offered value, likewise
     */
    record ToolChanged(
            Instant at,
            String server,
            String name,
            String reason,
            String why,
            Optional<String> pinned,
            Optional<String> offered)
            implements AuditEvent {}

    /**
     * The user of this machine accepted what a server offers: it is the pinned one from now on.
     *
     * @param server the server's key among the pins: its URL, or the name of a gateway's entry
     * @param name the tool's name as the server has it, {@code instructions} or {@code identity}
     * @param before the SHA-256 of the value that was pinned before, in hexadecimal; empty where there was none
     * @param now the SHA-256 of the value that is pinned now, likewise; empty where a tool that is gone was removed from the pins
     */
    record ToolAccepted(Instant at, String server, String name, Optional<String> before, Optional<String> now)
            implements AuditEvent {}

    /** A credential was loaded at start. */
    record CredentialLoaded(Instant at, String credential, Chain chain) implements AuditEvent {}

    /** A running process loaded a new credential. */
    record CredentialReloaded(Instant at, String credential, Chain chain) implements AuditEvent {}

    /**
     * A new credential could not be used; the last good one stays.
     *
     * @param why names the file and the reason
     */
    record CredentialReloadFailed(Instant at, String credential, String why) implements AuditEvent {}

    /** Our own credential expires soon. */
    record CredentialExpiring(Instant at, String credential, Chain chain, Duration left) implements AuditEvent {}

    /**
     * A running process loaded new trust anchors, CRLs, a new deny list or an OCSP response to staple.
     *
     * @param what which of them, with its file
     */
    record TrustReloaded(Instant at, String what) implements AuditEvent {}

    /**
     * New trust anchors or revocation data could not be used; the last good ones stay in force. After a failed OCSP response,
     * nothing is stapled.
     *
     * @param what which of them, with its file
     * @param why names the file and the reason
     */
    record TrustReloadFailed(Instant at, String what, String why) implements AuditEvent {}

    /**
     * A running process has new access rules.
     *
     * @param file the rules' file
     * @param contents a summary, for example {@code 3 rules, default deny}
     */
    record PolicyReloaded(Instant at, String file, String contents) implements AuditEvent {}

    /**
     * New access rules could not be used; the last good ones stay in force.
     *
     * @param why names the place in the file, the fault and the remedy
     */
    record PolicyReloadFailed(Instant at, String file, String why) implements AuditEvent {}

    /** The authority issued a certificate. */
    record CertificateIssued(Instant at, String credential, Chain chain) implements AuditEvent {}

    /** The authority renewed a certificate. */
    record CertificateRenewed(Instant at, String credential, Chain chain) implements AuditEvent {}

    /**
     * A certificate was due and could not be renewed; the renewal is retried.
     *
     * @param why the reason with the remedy
     */
    record RenewalFailed(Instant at, String credential, String why) implements AuditEvent {}

    /** The authority revoked a certificate. */
    record CertificateRevoked(Instant at, String credential, BigInteger serialNumber) implements AuditEvent {}

    /**
     * The operator invited a machine to enrol.
     *
     * @param invitation its id, which is not secret
     * @param credential the name that it may enrol under
     */
    record InvitationMade(Instant at, String invitation, String credential, Instant expiresAt) implements AuditEvent {}

    /** The operator withdrew an invitation. */
    record InvitationWithdrawn(Instant at, String invitation, String credential) implements AuditEvent {}

    /**
     * The authority gave a certificate to a machine over the network.
     *
     * @param address the machine's IP address
     * @param by for example {@code invitation 4be1c09d2f}, or {@code certificate 3f2a} and its serial number in hexadecimal
     */
    record EnrolmentGranted(Instant at, String address, String by, String credential, BigInteger serialNumber)
            implements AuditEvent {}

    /**
     * The authority refused a certificate over the network.
     *
     * @param address as for {@link EnrolmentGranted}
     * @param credential the name that was asked for; empty when the sender did not prove a claim to one
     * @param reason a stable code in the form of {@link Reason}, for example {@code INVITATION_USED}
     * @param why one sentence with the remedy
     */
    record EnrolmentRefused(Instant at, String address, Optional<String> credential, String reason, String why)
            implements AuditEvent {}

    /**
     * Relaxed validation was switched on.
     *
     * @param where which side and address, for example {@code server 127.0.0.1:8443}
     */
    record RelaxedModeOn(Instant at, String where, Set<Relaxation> relaxations) implements AuditEvent {}

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
    }
}
