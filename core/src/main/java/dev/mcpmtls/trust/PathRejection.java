// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;

/** A fault of the path from the leaf to a trust anchor. */
public sealed interface PathRejection extends Rejection {

    /**
     * The path exceeds the policy's bound on certificates.
     *
     * @param who holds the leaf
     * @param allowed certificates on a path, leaf included
     */
    record PathAboveBound(String who, int allowed) implements PathRejection {
        @Override
        public Reason reason() {
            return Reason.PATH_TOO_LONG;
        }

        @Override
        public String explain() {
            return "the chain of " + who + " is too long: tls.chain.max-length allows " + allowed + " certificates";
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("have the certificate issued nearer to the trust anchor, or raise ")
                    .then(Setting.CHAIN_MAX_LENGTH)
                    .then(" here");
        }
    }

    /**
     * An issuer may not have that many issuers below it.
     *
     * @param who the limiting issuer
     * @param allowed intermediates that may be below it
     */
    record PathTooLong(String who, int allowed) implements PathRejection {
        @Override
        public Reason reason() {
            return Reason.PATH_TOO_LONG;
        }

        @Override
        public String explain() {
            return "the chain is too long: " + who + " allows " + allowed + " intermediates";
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("have the certificate issued nearer to the trust anchor");
        }
    }

    /**
     * A name outside an issuer's constraints.
     *
     * @param name the offending name with its kind
     * @param issuer the constrained issuer
     */
    record NameConstraintViolated(String who, String name, String issuer) implements PathRejection {
        @Override
        public Reason reason() {
            return Reason.NAME_CONSTRAINT_VIOLATED;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " holds " + name + ", for which " + issuer + " may not issue";
        }

        @Override
        public Remedy remedy() {
            return Remedies.reissue(who).then(" by an authority that may vouch for this name");
        }
    }

    /**
     * The platform's validator, which also processes certificate policies, objects to a path to a trust anchor.
     *
     * @param issuer of the leaf
     * @param objection in the platform's words
     */
    record InvalidPath(String who, String issuer, String objection) implements PathRejection {
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
        public Remedy remedy() {
            return Remedy.of(
                    "have that authority correct the certificate policies of the chain, and issue the certificate again");
        }
    }

    /**
     * No acceptable chain leads to a trust anchor.
     *
     * @param issuer the missing issuer, or the one whose certificate cannot issue
     * @param why for example {@code "no such trust anchor"} or {@code "the issuer is not a certification authority"}
     */
    record UntrustedIssuer(String who, String issuer, String why) implements PathRejection {
        @Override
        public Reason reason() {
            return Reason.UNTRUSTED_ISSUER;
        }

        @Override
        public String explain() {
            return "the certificate of " + who + " from " + issuer + " does not chain to a trust anchor: " + why;
        }

        @Override
        public Remedy remedy() {
            return Remedy.of("if that authority is to be trusted here, name its ca.crt in ")
                    .then(Setting.TRUST_ANCHORS)
                    .then(" beside our own; else have the certificate issued by one that is");
        }
    }
}
