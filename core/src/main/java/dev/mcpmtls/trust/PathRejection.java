// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.security.cert.X509Certificate;
import java.util.Optional;

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
            return "the chain of " + who + " is too long: tls.chain.max-length allows "
                    + Printable.count(allowed, "certificate");
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
            implements PathRejection {

        /** Why an anchor may not vouch for a name. */
        public enum Limit {
            /** It is bound to other names. */
            BOUND_TO_OTHERS,
            /** It is bound, and the certificate has no name at all. */
            NO_NAME,
            /** Another anchor is bound to the name. */
            NAME_OF_ANOTHER,
            /** It is in one of two bundles of the name's trust domain that differ. */
            NAME_OF_TWO_BUNDLES,
            /** Bindings have changed since the peer was accepted, and other names of its certificate count now. */
            CHANGED,
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

        static Rejection changed(X509Certificate leaf, Identity name) {
            ParsedCertificate parsed = new ParsedCertificate(leaf);
            return new IssuerNotAllowedForName(
                    parsed.who(), Optional.of(name), parsed.issuerText(), "", Limit.CHANGED, "");
        }

        @Override
        public String explain() {
            if (limit == Limit.CHANGED) {
                return "the names that trust anchors vouch for in the certificate of " + who
                        + " have changed since it was accepted: "
                        + name.map(IssuerNotAllowedForName::written).orElse("");
            }
            return "the certificate of " + who + " holds "
                    + name.map(it -> written(it) + ", for which").orElse("no name for which") + " its trust anchor "
                    + issuer + " (" + Printable.clean(source) + ") may not vouch: " + why();
        }

        private String why() {
            return switch (limit) {
                case BOUND_TO_OTHERS, NO_NAME -> "that anchor is bound " + within;
                case NAME_OF_ANOTHER -> "another anchor is bound to that name";
                case CHANGED -> "bindings have changed";
                case NAME_OF_TWO_BUNDLES -> "another bundle of that trust domain does not hold that anchor";
                case NAME_OF_OURS -> "that anchor is not ours, and the name is";
                case OTHER_TRUST_DOMAIN ->
                    "unless it is bound, our authority vouches for our trust domain " + within + " alone";
                case NO_TRUST_DOMAIN -> "our own trust domain is not known, because our certificate has no SPIFFE ID";
            };
        }

        @Override
        public Remedy remedy() {
            return switch (limit) {
                case BOUND_TO_OTHERS ->
                    Remedy.of(
                                    "have it issued by the authority of that name, or, if this one may vouch for it, add it to that"
                                            + " anchor's 'for' in ")
                            .then(Setting.TRUST_ANCHORS);
                case NO_NAME ->
                    Remedy.of("have it issued with a name to which that anchor is bound in ")
                            .then(Setting.TRUST_ANCHORS);
                case NAME_OF_ANOTHER ->
                    Remedy.of("have it issued by the authority that ")
                            .then(Setting.TRUST_ANCHORS)
                            .then(" binds to that name");
                case NAME_OF_OURS ->
                    Remedy.of("have it issued by our own authority, and bind that anchor to its own names in ")
                            .then(Setting.TRUST_ANCHORS)
                            .then(": " + line("spiffe://partner.example/**"));
                case CHANGED -> Remedy.of("connect again");
                case NAME_OF_TWO_BUNDLES ->
                    Remedy.of("remove one of the two bundles, or bind the right one in ")
                            .then(Setting.TRUST_ANCHORS)
                            .then(": " + line(domain()));
                case OTHER_TRUST_DOMAIN, NO_TRUST_DOMAIN ->
                    Remedy.of("if that authority may vouch for it, add to ")
                            .then(Setting.TRUST_ANCHORS)
                            .then(": " + line(domain())
                                    + (limit == Limit.NO_TRUST_DOMAIN ? ", or set trust-domain" : ""));
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
