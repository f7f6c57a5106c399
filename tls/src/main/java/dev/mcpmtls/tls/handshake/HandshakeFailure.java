// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.FormRejection;
import dev.mcpmtls.trust.KeyRejection;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.UseRejection;
import java.nio.channels.ClosedChannelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why a TLS handshake did not complete, read out of what the engine threw. */
public sealed interface HandshakeFailure {

    /** The stable code of the audit log. */
    String reason();

    /** One sentence, with the remedy. */
    String why();

    /**
     * We refused the peer for its certificate, or for lack of one.
     *
     * @param presented the chain that it sent; empty when nothing could be parsed
     * @param findings most serious first; at least one
     */
    record PeerRefused(Optional<Chain> presented, List<Rejection> findings) implements HandshakeFailure {

        /** Copies the list. */
        public PeerRefused {
            findings = List.copyOf(findings);
        }

        @Override
        public String reason() {
            return findings.get(0).reason().name();
        }

        @Override
        public String why() {
            return findings.get(0).explain() + "; " + findings.get(0).remedy();
        }
    }

    /**
     * The peer sent a fatal alert.
     *
     * @param alert as RFC 8446 section 6 names it, for example {@code unknown_ca}; {@code unreadable} when it came unencrypted
     *     where only encrypted records are
     */
    record RefusedByPeer(String alert) implements HandshakeFailure {
        @Override
        public String reason() {
            return "REFUSED_BY_PEER";
        }

        @Override
        public String why() {
            return "the peer ended the handshake with the alert " + alert + ": " + AlertMeaning.of(alert);
        }

        /** The meaning of the alert for us, without a remedy. */
        public String meaning() {
            return AlertMeaning.of(alert).replaceFirst(";.*", "");
        }
    }

    /** The peer sent something that is not TLS. */
    record NotTls() implements HandshakeFailure {
        @Override
        public String reason() {
            return "NOT_TLS";
        }

        @Override
        public String why() {
            return "the peer does not speak TLS on this connection, perhaps plain HTTP; use https:// and the TLS port";
        }
    }

    /**
     * A balancer's header (PROXY protocol) is missing, malformed, or from an address whose headers are not believed.
     *
     * @param detail which of them, with the remedy
     */
    record BadProxyHeader(String detail) implements HandshakeFailure {
        @Override
        public String reason() {
            return "BAD_PROXY_HEADER";
        }

        @Override
        public String why() {
            return "the connection was refused for its PROXY protocol header: " + detail;
        }
    }

    /** The handshake did not complete in time. */
    record TimedOut() implements HandshakeFailure {
        @Override
        public String reason() {
            return "HANDSHAKE_TIMEOUT";
        }

        @Override
        public String why() {
            return "the handshake did not complete within the handshake timeout; check the network and the peer's load";
        }
    }

    /**
     * No TLS version, cipher suite or group in common.
     *
     * @param detail the engine's own words
     */
    record NothingInCommon(String detail) implements HandshakeFailure {
        @Override
        public String reason() {
            return "NO_COMMON_PROTOCOL";
        }

        @Override
        public String why() {
            return "no TLS version, cipher suite or group in common (" + detail
                    + "); allow TLS 1.3 on the peer, or set min-version TLSv1.2 here";
        }
    }

    /**
     * A client offered application protocols, and none that is spoken here.
     *
     * @param offered by the client, as it sent them
     * @param spoken here
     */
    record NoApplicationProtocol(List<String> offered, List<String> spoken) implements HandshakeFailure {

        /** Copies the lists. */
        public NoApplicationProtocol {
            offered = List.copyOf(offered);
            spoken = List.copyOf(spoken);
        }

        @Override
        public String reason() {
            return "NO_APPLICATION_PROTOCOL";
        }

        @Override
        public String why() {
            return "the peer offers the application protocols " + Printable.quote(String.join(", ", offered))
                    + " (ALPN) and none of " + String.join(", ", spoken) + "; it takes this for another kind of server";
        }
    }

    /**
     * The JDK's engine does not read a handshake message of that size: the peer's chain, or the session ticket of a TLS 1.2 server,
     * which holds ours.
     *
     * @param bytes its size
     * @param limit the largest size that is read
     */
    record MessageTooLarge(int bytes, int limit) implements HandshakeFailure {
        @Override
        public String reason() {
            return "MESSAGE_TOO_LARGE";
        }

        @Override
        public String why() {
            return "the peer sent a handshake message of " + bytes + " bytes, and the JDK's TLS engine reads at most "
                    + limit
                    + ": a chain is too long; shorten it, use BoringSSL (tls.engine: boringssl), or raise the system property"
                    + " jdk.tls.maxHandshakeMessageSize";
        }
    }

    /**
     * On an established connection the peer sent a record that could not be read, for example because it was changed on the way.
     *
     * @param detail the engine's own words
     */
    record UnreadableRecord(String detail) implements HandshakeFailure {

        /** Cleans the engine's words. */
        public static UnreadableRecord of(Throwable thrown) {
            return new UnreadableRecord(Printable.clean(String.valueOf(thrown.getMessage())));
        }

        @Override
        public String reason() {
            return "UNREADABLE_RECORD";
        }

        @Override
        public String why() {
            return "the peer sent a TLS record that could not be read, and the connection was closed (" + detail
                    + "); look for a fault of the peer or of the network in between";
        }
    }

    /** The peer closed the connection before the handshake completed. */
    record Closed() implements HandshakeFailure {
        @Override
        public String reason() {
            return "CLOSED_BY_PEER";
        }

        @Override
        public String why() {
            return "the peer closed the connection before the handshake completed; its log says why";
        }
    }

    /**
     * Anything else.
     *
     * @param detail the engine's own words
     */
    record Other(String detail) implements HandshakeFailure {
        @Override
        public String reason() {
            return "HANDSHAKE_FAILED";
        }

        @Override
        public String why() {
            return "the handshake failed: " + detail;
        }
    }

    /** The failure that {@code thrown} or one of its causes describes, as a client sees it. */
    static HandshakeFailure of(Throwable thrown) {
        return of(thrown, Purpose.SERVER);
    }

    /**
     * The failure that {@code thrown} or one of its causes describes.
     *
     * @param role the peer's
     */
    static HandshakeFailure of(Throwable thrown, Purpose role) {
        StringBuilder said = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof RefusedPeerException refused) {
                return new PeerRefused(refused.presented(), refused.findings());
            }
            said.append(t.getMessage()).append(' ');
        }
        return Words.understand(said.toString(), thrown, role);
    }

    /** The engines' own words for what they do not say by type. */
    final class Words {

        private static final Pattern ALERT =
                Pattern.compile("(?:TLSV1|SSLV3)_ALERT_([A-Z_]+)|(?:Received fatal alert|fatal; Alert): ([a-z_]+)");
        /** OpenSSL sends some alerts of TLS 1.3 in the clear; where an encrypted one is due the engines cannot read them. */
        private static final Pattern CLEAR_ALERT =
                Pattern.compile("BAD_PACKET_LENGTH|Insufficient buffer remaining for AEAD cipher fragment \\(2\\)");

        private static final Pattern NOT_TLS = Pattern.compile(
                "WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|Unsupported or unrecognized SSL message");
        private static final Pattern NOTHING_IN_COMMON = Pattern.compile(
                "UNSUPPORTED_PROTOCOL|NO_SHARED_|NO_COMMON_|NO_CIPHERS|No appropriate protocol|no cipher suites in common"
                        + "|are not accepted by server preferences"
                        + "|is not enabled or supported in (?:server|client) context|No supported (?:group|named group)");
        private static final Pattern TOO_LARGE = Pattern.compile(
                "size of the handshake message \\((\\d{1,9})\\) exceeds the maximum allowed size \\((\\d{1,9})\\)");
        /** In TLS 1.3 BoringSSL looks at the key usage before it asks our verifier. */
        private static final Pattern NOT_FOR_SIGNING =
                Pattern.compile("KEY_USAGE_BIT_INCORRECT|ECC_CERT_NOT_FOR_SIGNING");

        private static final Map<Pattern, Rejection> REJECTIONS = new LinkedHashMap<>();

        static {
            REJECTIONS.put(
                    Pattern.compile("PEER_DID_NOT_RETURN_A_CERTIFICATE|Empty (?:client|server) certificate chain"),
                    new FormRejection.NoCertificate());
            REJECTIONS.put(
                    Pattern.compile("BAD_SIGNATURE|Invalid CertificateVerify"),
                    new KeyRejection.ProofOfPossessionFailed("the peer"));
            REJECTIONS.put(
                    Pattern.compile("CANNOT_PARSE_LEAF_CERT|CERT_LENGTH_MISMATCH|ERROR_PARSING_|EXCESSIVE_MESSAGE_SIZE"
                            + "|UNKNOWN_CERTIFICATE_TYPE"
                            + "|Failed to parse (?:client|server) certificates|certificate chain length"),
                    new FormRejection.MalformedCertificate("the peer", "the TLS engine cannot read it"));
        }

        private Words() {}

        private static HandshakeFailure understand(String said, Throwable thrown, Purpose role) {
            Matcher alert = ALERT.matcher(said);
            if (alert.find()) {
                String name = alert.group(1) == null ? alert.group(2) : alert.group(1);
                return new RefusedByPeer(name.toLowerCase(Locale.ROOT));
            }
            if (CLEAR_ALERT.matcher(said).find()) {
                return new RefusedByPeer("unreadable");
            }
            Matcher tooLarge = TOO_LARGE.matcher(said);
            if (tooLarge.find()) {
                return new MessageTooLarge(Integer.parseInt(tooLarge.group(1)), Integer.parseInt(tooLarge.group(2)));
            }
            if (NOT_FOR_SIGNING.matcher(said).find()) {
                return new PeerRefused(
                        Optional.empty(),
                        List.of(new UseRejection.WrongPurpose(
                                "the peer", role, "its key usage does not include digitalSignature")));
            }
            for (Map.Entry<Pattern, Rejection> rejection : REJECTIONS.entrySet()) {
                if (rejection.getKey().matcher(said).find()) {
                    return new PeerRefused(Optional.empty(), List.of(rejection.getValue()));
                }
            }
            if (NOT_TLS.matcher(said).find()) {
                return new NotTls();
            }
            if (NOTHING_IN_COMMON.matcher(said).find()) {
                return new NothingInCommon(Printable.clean(said.trim()));
            }
            if (isClosure(thrown)) {
                return new Closed();
            }
            return new Other(Printable.clean(said.trim()));
        }

        private static boolean isClosure(Throwable thrown) {
            for (Throwable t = thrown; t != null; t = t.getCause()) {
                String message = String.valueOf(t.getMessage());
                if (t instanceof ClosedChannelException
                        || message.contains("Connection reset")
                        || message.contains("Broken pipe")
                        || message.contains("Connection was closed")
                        || message.contains("closed already")) {
                    return true;
                }
            }
            return false;
        }
    }
}
