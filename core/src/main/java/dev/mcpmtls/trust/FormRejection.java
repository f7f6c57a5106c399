// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.util.Optional;

/** A fault of form: in the presented data, whatever its issuer. */
public sealed interface FormRejection extends Rejection {

    /** No certificate came, where one is required. */
    record NoCertificate() implements FormRejection {
        @Override
        public Reason reason() {
            return Reason.NO_CERTIFICATE;
        }

        @Override
        public String explain() {
            return "the peer presented no certificate";
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("give the peer a credential")
                    .by(Verb.ISSUE_FOR_CLIENT)
                    .then(" and have it present it");
        }
    }

    /**
     * Data that are not a certificate, exceed the bounds on a chain, or break the X.509 profile in an ambiguous way.
     *
     * @param defect the defect, for example {@code "a subject alternative name is not DER"}
     */
    record MalformedCertificate(String who, String defect) implements FormRejection {
        @Override
        public Reason reason() {
            return Reason.MALFORMED_CERTIFICATE;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " is malformed: " + defect;
        }

        @Override
        public Remedy remedy() {
            return Remedies.reissue(who);
        }
    }

    /**
     * The presented certificates exceed the policy's bound on bytes.
     *
     * @param bytes of all presented certificates
     * @param allowed bytes
     */
    record ChainTooLarge(long bytes, int allowed) implements FormRejection {
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
        public Remedy remedy() {
            return Remedy.of("have it present only the certificates between its own and the trust anchor, or raise ")
                    .then(Setting.CHAIN_MAX_BYTES)
                    .then(" here");
        }
    }

    /** An authority whose basic constraints are not critical. */
    record PlainBasicConstraints(String who) implements FormRejection {
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
        public Remedy remedy() {
            return Remedies.orTolerate(
                    "have the authority's own certificate made again with critical basic constraints",
                    Tolerance.PLAIN_BASIC_CONSTRAINTS);
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
    record NoKeyIdentifier(String who, String issuer, String missing) implements FormRejection {
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
        public Remedy remedy() {
            return Remedies.orTolerate("have it issued again with that extension", Tolerance.NO_KEY_IDENTIFIERS);
        }

        @Override
        public Optional<Tolerance> tolerance() {
            return Optional.of(Tolerance.NO_KEY_IDENTIFIERS);
        }
    }

    /**
     * An unknown critical extension.
     *
     * @param oid dotted
     */
    record UnhandledCriticalExtension(String who, String oid) implements FormRejection {
        @Override
        public Reason reason() {
            return Reason.UNHANDLED_CRITICAL_EXTENSION;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " has the critical extension " + oid + ", which is not handled here";
        }

        @Override
        public Remedy remedy() {
            return Remedies.reissue(who).then(" without that extension, or with it not critical");
        }
    }
}
