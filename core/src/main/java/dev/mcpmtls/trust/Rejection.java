// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A fault of a peer, as evidence. Each variant belongs to one {@link Reason}. Components named {@code who} are the
 * certificate's SPIFFE ID, else its first DNS name, else its subject, safe to print.
 */
public sealed interface Rejection {

    /** The stable code, its rank and its alert. */
    Reason reason();

    /** One sentence with the evidence, for example {@code "the certificate of … expired on 2026-11-21T10:00:00Z"}. */
    String explain();

    /** The remedy, in one sentence, for example {@code "run 'mcp-mtls cert renew coordinator'"}. */
    String remedy();

    /** The tolerance that accepts this, if it is one of the faults of form that can be tolerated. */
    default Optional<Tolerance> tolerance() {
        return Optional.empty();
    }

    /** No certificate came, where one is required. */
    record NoCertificate() implements Rejection {
        @Override
        public Reason reason() {
            return Reason.NO_CERTIFICATE;
        }

        @Override
        public String explain() {
            return "the peer presented no certificate";
        }

        @Override
        public String remedy() {
            return "give the peer a credential ('mcp-mtls cert issue NAME') and have it present it";
        }
    }

    /**
     * Data that are not a certificate, exceed the bounds on a chain, or break the X.509 profile in an ambiguous way.
     *
     * @param defect the defect, for example {@code "a subject alternative name is not DER"}
     */
    record MalformedCertificate(String who, String defect) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.MALFORMED_CERTIFICATE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " is malformed: " + defect;
        }

        @Override
        public String remedy() {
            return Remedies.reissue(who);
        }
    }

    /**
     * The presented certificates exceed the policy's bound on bytes.
     *
     * @param bytes of all presented certificates
     * @param allowed bytes
     */
    record ChainTooLarge(long bytes, int allowed) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.MALFORMED_CERTIFICATE;
        }

        @Override
        public String explain() {
            return "the peer presents " + bytes + " bytes of certificates, more than the " + allowed
                    + " that tls.chain.max-bytes allows";
        }

        @Override
        public String remedy() {
            return "have it present only the certificates between its own and the trust anchor, or raise tls.chain.max-bytes here";
        }
    }

    /** An authority whose basic constraints are not critical. */
    record PlainBasicConstraints(String who) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.MALFORMED_CERTIFICATE;
        }

        @Override
        public String explain() {
            return "the certificate of the authority " + who
                    + " is malformed: its basic constraints are not critical (RFC 5280, section 4.2.1.9)";
        }

        @Override
        public String remedy() {
            return "have the authority's own certificate made again with critical basic constraints"
                    + Tolerance.PLAIN_BASIC_CONSTRAINTS.remedy();
        }

        @Override
        public Optional<Tolerance> tolerance() {
            return Optional.of(Tolerance.PLAIN_BASIC_CONSTRAINTS);
        }
    }

    /**
     * A certificate without a key identifier that it must have.
     *
     * @param issuer of that certificate
     * @param missing {@code "subject key identifier"} or {@code "authority key identifier"}
     */
    record NoKeyIdentifier(String who, String issuer, String missing) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.UNTRUSTED_ISSUER;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " from " + issuer + " has no " + missing
                    + ", which RFC 5280 (section 4.2.1) requires for finding a path to a trust anchor";
        }

        @Override
        public String remedy() {
            return "have it issued again with that extension" + Tolerance.NO_KEY_IDENTIFIERS.remedy();
        }

        @Override
        public Optional<Tolerance> tolerance() {
            return Optional.of(Tolerance.NO_KEY_IDENTIFIERS);
        }
    }

    /** The handshake signature does not verify with the leaf's key. */
    record ProofOfPossessionFailed(String who) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.PROOF_OF_POSSESSION_FAILED;
        }

        @Override
        public String explain() {
            return "the peer presented the certificate of " + who + " but could not prove that it holds its key";
        }

        @Override
        public String remedy() {
            return "check that the peer's tls.key belongs to its tls.crt; if it does, an attacker may be replaying a certificate";
        }
    }

    /**
     * A certificate claims an available issuer but does not carry its signature.
     *
     * @param issuer the issuer it names
     */
    record BadSignature(String who, String issuer) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.BAD_SIGNATURE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " claims to be issued by " + issuer
                    + " but does not carry its signature: it was altered, or comes from another authority of that name";
        }

        @Override
        public String remedy() {
            return Remedies.reissue(who);
        }
    }

    /**
     * A certificate is revoked by its issuer or listed locally.
     *
     * @param serialNumber of the revoked certificate
     * @param source the CRL's issuer or the deny list's file
     * @param at the time of revocation, if the source has it
     */
    record Revoked(String who, BigInteger serialNumber, String source, Optional<Instant> at) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.REVOKED;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " (serial number " + serialNumber.toString(16) + ") was revoked"
                    + at.map(when -> " on " + when).orElse("") + ", says " + source;
        }

        @Override
        public String remedy() {
            return Remedies.rekey(who) + ", unless the revocation was intended";
        }
    }

    /**
     * The key is not a pinned one.
     *
     * @param presented the peer's key
     * @param expected the accepted keys; one for a known peer whose key changed
     * @param source the file to change, with the line, when keys are remembered on first use
     */
    record PinMismatch(String who, PublicKeyPin presented, List<PublicKeyPin> expected, Optional<String> source)
            implements Rejection {

        /** Copies the list. */
        public PinMismatch {
            expected = List.copyOf(expected);
        }

        @Override
        public Reason reason() {
            return Reason.PIN_MISMATCH;
        }

        @Override
        public String explain() {
            return "the key of " + who + " is " + presented + ", which is "
                    + (source.isPresent() ? "not the key it had before, " : "none of the pinned keys ") + expected;
        }

        @Override
        public String remedy() {
            return source.map(line -> "if the change is intended, delete " + line
                            + " and connect again; if not, an attacker" + " may be impersonating " + who)
                    .orElse("if the change is intended, add " + presented + " to tls.pins");
        }
    }

    /**
     * A key below the floor.
     *
     * @param key for example {@code "RSA 1024"}
     */
    record WeakKey(String who, String key) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.WEAK_KEY;
        }

        @Override
        public String explain() {
            return "the key of " + who + " is " + key
                    + "; use RSA of 2048 to 8192 bits, P-256, P-384, P-521, Ed25519 or Ed448";
        }

        @Override
        public String remedy() {
            return Remedies.rekey(who) + ", EC P-256 or better";
        }
    }

    /**
     * A signature below the floor.
     *
     * @param algorithm for example {@code "SHA1withRSA"}
     */
    record WeakSignature(String who, String algorithm) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.WEAK_SIGNATURE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " is signed with " + algorithm + "; use SHA-256 or better, or EdDSA";
        }

        @Override
        public String remedy() {
            return Remedies.reissue(who) + " by an authority that signs with SHA-256 or better";
        }
    }

    /**
     * An unknown critical extension.
     *
     * @param oid dotted
     */
    record UnhandledCriticalExtension(String who, String oid) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.UNHANDLED_CRITICAL_EXTENSION;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " has the critical extension " + oid + ", which is not handled here";
        }

        @Override
        public String remedy() {
            return Remedies.reissue(who) + " without that extension, or with it not critical";
        }
    }

    /**
     * The path exceeds the policy's bound on certificates.
     *
     * @param who holds the leaf
     * @param allowed certificates on a path, leaf included
     */
    record PathAboveBound(String who, int allowed) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.PATH_TOO_LONG;
        }

        @Override
        public String explain() {
            return "the chain of " + who + " is too long: tls.chain.max-length allows " + allowed + " certificates";
        }

        @Override
        public String remedy() {
            return "have the certificate issued nearer to the trust anchor, or raise tls.chain.max-length here";
        }
    }

    /**
     * An issuer may not have that many issuers below it.
     *
     * @param who the limiting issuer
     * @param allowed intermediates that may be below it
     */
    record PathTooLong(String who, int allowed) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.PATH_TOO_LONG;
        }

        @Override
        public String explain() {
            return "the chain is too long: " + who + " allows " + allowed + " intermediates";
        }

        @Override
        public String remedy() {
            return "have the certificate issued nearer to the trust anchor";
        }
    }

    /**
     * A name outside an issuer's constraints.
     *
     * @param name the offending name with its kind
     * @param issuer the constrained issuer
     */
    record NameConstraintViolated(String who, String name, String issuer) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.NAME_CONSTRAINT_VIOLATED;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " holds " + name + ", for which " + issuer + " may not issue";
        }

        @Override
        public String remedy() {
            return Remedies.reissue(who) + " by an authority that may vouch for this name";
        }
    }

    /**
     * A name for which the trust anchor may not vouch.
     *
     * @param name the name beyond the anchor's limit; empty for a certificate without any name that it may vouch for
     * @param issuer the trust anchor
     * @param source the file of the trust anchor
     * @param limit the kind of limit
     * @param within the names it is bound to, or our trust domain; may be empty
     */
    record IssuerNotAllowedForName(
            String who, Optional<Identity> name, String issuer, String source, Limit limit, String within)
            implements Rejection {

        /** Why an anchor may not vouch for a name. */
        public enum Limit {
            /** It is bound to other names. */
            BOUND_TO_OTHERS,
            /** It is bound, and the certificate has no name at all. */
            NO_NAME,
            /** Another anchor is bound to the name. */
            NAME_OF_ANOTHER,
            /** It is not ours, and the name is ours or in our trust domain. */
            NAME_OF_OURS,
            /** It is ours, and the name is in another trust domain. */
            OTHER_TRUST_DOMAIN,
            /** Our trust domain is not known. */
            NO_TRUST_DOMAIN
        }

        @Override
        public Reason reason() {
            return Reason.ISSUER_NOT_ALLOWED_FOR_NAME;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " holds "
                    + name.map(it -> written(it) + ", for which").orElse("no name for which") + " its trust anchor "
                    + issuer + " (" + Printable.clean(source) + ") may not vouch: " + why();
        }

        private String why() {
            return switch (limit) {
                case BOUND_TO_OTHERS, NO_NAME -> "that anchor is bound " + within;
                case NAME_OF_ANOTHER -> "another anchor is bound to that name";
                case NAME_OF_OURS -> "that anchor is not ours, and the name is";
                case OTHER_TRUST_DOMAIN ->
                    "unless it is bound, our authority vouches for our trust domain " + within + " alone";
                case NO_TRUST_DOMAIN -> "our own trust domain is not known, because our certificate has no SPIFFE ID";
            };
        }

        @Override
        public String remedy() {
            return switch (limit) {
                case BOUND_TO_OTHERS ->
                    "have it issued by the authority of that name, or, if this one may vouch for it, add it to that anchor's"
                            + " 'for' in tls.trust-anchors";
                case NO_NAME -> "have it issued with a name to which that anchor is bound in tls.trust-anchors";
                case NAME_OF_ANOTHER -> "have it issued by the authority that tls.trust-anchors binds to that name";
                case NAME_OF_OURS ->
                    "have it issued by our own authority, and bind that anchor to its own names in tls.trust-anchors: "
                            + line("spiffe://partner.example/**");
                case OTHER_TRUST_DOMAIN, NO_TRUST_DOMAIN ->
                    "if that authority may vouch for it, add to tls.trust-anchors: " + line(domain())
                            + (limit == Limit.NO_TRUST_DOMAIN ? ", or set trust-domain" : "");
            };
        }

        private String line(String pattern) {
            return "{file: " + Printable.clean(source) + ", for: [\"" + pattern + "\"]}";
        }

        private String domain() {
            return name.filter(SpiffeId.class::isInstance)
                    .map(id -> "spiffe://" + ((SpiffeId) id).trustDomain() + "/**")
                    .orElse("spiffe://partner.example/**");
        }

        private static String written(Identity name) {
            String kind = name instanceof DnsName ? "dns:" : name instanceof IpAddress ? "ip:" : "";
            return kind + Printable.clean(name.text());
        }
    }

    /**
     * The platform's validator, which also processes certificate policies, objects to a path to a trust anchor.
     *
     * @param issuer of the leaf
     * @param objection in the platform's words
     */
    record InvalidPath(String who, String issuer, String objection) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.INVALID_PATH;
        }

        @Override
        public String explain() {
            return "the chain of " + who + " from " + issuer
                    + " breaks a rule that the Java platform checks, for example on certificate policies: "
                    + objection;
        }

        @Override
        public String remedy() {
            return "have that authority correct the certificate policies of the chain, and issue the certificate again";
        }
    }

    /**
     * No acceptable chain leads to a trust anchor.
     *
     * @param issuer the missing issuer, or the one whose certificate cannot issue
     * @param why for example {@code "no such trust anchor"} or {@code "the issuer is not a certification authority"}
     */
    record UntrustedIssuer(String who, String issuer, String why) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.UNTRUSTED_ISSUER;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " from " + issuer + " does not chain to a trust anchor: " + why;
        }

        @Override
        public String remedy() {
            return "if that authority is to be trusted here, name its ca.crt in tls.trust-anchors (--trust-anchors)"
                    + " beside our own; else have the certificate issued by one that is";
        }
    }

    /**
     * A certificate for another role.
     *
     * @param purpose the role for which it was verified
     * @param found for example {@code "its extended key usage is [1.3.6.1.5.5.7.3.1]"}
     */
    record WrongPurpose(String who, Purpose purpose, String found) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.WRONG_PURPOSE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " may not be used as a TLS " + purpose.text() + ": " + found;
        }

        @Override
        public String remedy() {
            return "present a certificate with the extended key usage " + purpose.keyUsageName()
                    + " ('mcp-mtls cert issue NAME --purpose " + purpose.name().toLowerCase(Locale.ROOT)
                    + "' makes one)";
        }
    }

    /** An expired certificate: past notAfter. */
    record Expired(String who, Instant notAfter, Instant checkedAt) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.EXPIRED;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " expired on " + notAfter + " (now "
                    + checkedAt.truncatedTo(ChronoUnit.SECONDS) + ")";
        }

        @Override
        public String remedy() {
            return Remedies.renew(who);
        }
    }

    /** A certificate that is not yet valid: before notBefore. */
    record NotYetValid(String who, Instant notBefore, Instant checkedAt) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.NOT_YET_VALID;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " is not valid before " + notBefore + " (now "
                    + checkedAt.truncatedTo(ChronoUnit.SECONDS) + ")";
        }

        @Override
        public String remedy() {
            return "set both clocks, or wait until " + notBefore;
        }
    }

    /**
     * A server whose certificate does not have the expected name.
     *
     * @param expected the name that the client connects to
     * @param presented the certificate's names, each with its kind
     */
    record NameMismatch(String expected, List<String> presented) implements Rejection {

        /** Copies the list. */
        public NameMismatch {
            presented = List.copyOf(presented);
        }

        @Override
        public Reason reason() {
            return Reason.NAME_MISMATCH;
        }

        @Override
        public String explain() {
            return "the server's certificate is for " + presented + ", not for " + expected;
        }

        @Override
        public String remedy() {
            return "connect by one of those names, or issue the server a certificate for " + expected;
        }
    }

    /**
     * Revocation is configured, but there is no usable status of a certificate.
     *
     * @param issuer the issuer without a usable, current CRL
     * @param why for example {@code "its CRL expired on …"}
     * @param fetchedFrom the location of the CRL as the certificate names it, when CRLs are fetched
     */
    record RevocationUnknown(String who, String issuer, String why, Optional<URI> fetchedFrom) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.REVOCATION_UNKNOWN;
        }

        @Override
        public String explain() {
            return "whether " + issuer + " has revoked the certificate of " + who + " is not known: " + why;
        }

        @Override
        public String remedy() {
            return fetchedFrom
                    .map(location ->
                            "publish a current CRL of " + issuer + " at " + Printable.clean(location.toString()))
                    .orElse("publish a current CRL of " + issuer + " and list it under tls.revocation.crl");
        }
    }

    /**
     * A certificate is listed as revoked by a CRL in its issuer's name that is not proved to be the issuer's, and no other CRL
     * clears it. Always refused, because the operator put that CRL there.
     *
     * @param why names the file and its defect
     */
    record ListedWithoutProof(String who, BigInteger serialNumber, String issuer, String why) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.REVOCATION_UNKNOWN;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " (serial number " + serialNumber.toString(16)
                    + ") is listed as revoked in the name of " + issuer
                    + ", in a CRL that is neither valid nor safe to ignore: "
                    + why;
        }

        @Override
        public String remedy() {
            return "put the genuine current CRL of " + issuer
                    + " in its place, or take that file out of tls.revocation.crl";
        }
    }
}
