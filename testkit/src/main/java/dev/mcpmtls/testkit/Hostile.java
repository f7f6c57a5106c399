// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.testkit;

import static java.time.temporal.ChronoUnit.DAYS;
import static java.time.temporal.ChronoUnit.SECONDS;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;

/**
 * Client credentials that a strict server must refuse, each for a single reason.
 *
 * @param name the fault, in words
 * @param reason the stable code of the refusal
 * @param credential the credential to present
 */
public record Hostile(String name, String reason, Issued credential) {

    private static final String UNKNOWN_EXTENSION = "1.3.6.1.4.1.55738.666.1";

    /** Every case against a server that trusts {@code ca} at {@code now}. */
    public static List<Hostile> clients(ThrowawayCa ca, Instant now) {
        List<Hostile> cases = new ArrayList<>();
        signatures(ca, now, cases);
        strength(ca, cases);
        issuers(ca, now, cases);
        purposes(ca, cases);
        validity(ca, now, cases);
        names(ca, cases);
        extensions(ca, cases);
        constraints(ca, cases);
        return cases;
    }

    @Override
    public String toString() {
        return name;
    }

    private static void signatures(ThrowawayCa ca, Instant now, List<Hostile> cases) {
        cases.add(new Hostile(
                "leaf with a flipped signature bit",
                "BAD_SIGNATURE",
                ca.client("mallory").corrupted()));
        ThrowawayCa impostor = ThrowawayCa.root(commonName(ca), now);
        cases.add(new Hostile("another authority of the same name", "BAD_SIGNATURE", impostor.client("mallory")));
        ThrowawayCa team = ca.intermediate("Team CA");
        cases.add(new Hostile(
                "intermediate with a flipped signature bit",
                "BAD_SIGNATURE",
                team.client("mallory")
                        .withChain(
                                team.client("mallory").leaf(),
                                team.self().corrupted().leaf())));
        cases.add(new Hostile(
                "self-signed with a broken signature",
                "BAD_SIGNATURE",
                ca.client("mallory", spec -> spec.subject("CN=mallory").selfSigned())
                        .corrupted()));
    }

    private static void strength(ThrowawayCa ca, List<Hostile> cases) {
        leaf(ca, "RSA 1024", "WEAK_KEY", cases, spec -> spec.keys(Keys.rsa(1024)));
        leaf(ca, "DSA", "WEAK_KEY", cases, spec -> spec.keys(Keys.dsa()));
        leaf(ca, "SHA-1 on the leaf", "WEAK_SIGNATURE", cases, spec -> spec.signedWith("SHA1withECDSA"));
        via(ca, "SHA-1 on an intermediate", "WEAK_SIGNATURE", cases, spec -> spec.signedWith("SHA1withECDSA"));
        via(ca, "RSA 1024 in an intermediate", "WEAK_KEY", cases, spec -> spec.keys(Keys.rsa(1024)));
    }

    private static void issuers(ThrowawayCa ca, Instant now, List<Hostile> cases) {
        ThrowawayCa stranger = ThrowawayCa.root("Stranger CA", now);
        cases.add(new Hostile("a stranger's", "UNTRUSTED_ISSUER", stranger.client("mallory")));
        cases.add(new Hostile(
                "a stranger's with its root",
                "UNTRUSTED_ISSUER",
                stranger.client("mallory").withMore(stranger.certificate())));
        leaf(
                ca,
                "the anchor's signature under another name",
                "UNTRUSTED_ISSUER",
                cases,
                spec -> spec.issuer("CN=Nobody"));
        leaf(ca, "self-signed", "UNTRUSTED_ISSUER", cases, CertificateSpec::selfSigned);
        Issued missing = ca.intermediate("Team CA").client("mallory");
        cases.add(new Hostile("intermediate left out", "UNTRUSTED_ISSUER", missing.withChain(missing.leaf())));
        via(
                ca,
                "issued by a leaf",
                "UNTRUSTED_ISSUER",
                cases,
                spec -> spec.basicConstraints(true, new BasicConstraints(false)));
        via(ca, "issuer without basic constraints", "UNTRUSTED_ISSUER", cases, spec -> spec.without("2.5.29.19"));
        via(ca, "issuer without keyCertSign", "UNTRUSTED_ISSUER", cases, spec -> spec.keyUsage(KeyUsage.cRLSign));
        via(ca, "issuer without key identifier", "UNTRUSTED_ISSUER", cases, spec -> spec.without("2.5.29.14"));
        via(ca, "issuer that names no key of its own", "UNTRUSTED_ISSUER", cases, spec -> spec.without("2.5.29.35"));
        leaf(ca, "no authority key identifier", "UNTRUSTED_ISSUER", cases, spec -> spec.without("2.5.29.35"));
    }

    private static void purposes(ThrowawayCa ca, List<Hostile> cases) {
        leaf(ca, "for servers", "WRONG_PURPOSE", cases, spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        leaf(ca, "for code", "WRONG_PURPOSE", cases, spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_codeSigning));
        leaf(
                ca,
                "a CA as leaf",
                "WRONG_PURPOSE",
                cases,
                spec -> spec.ca(0).keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign));
        leaf(ca, "key agreement only", "WRONG_PURPOSE", cases, spec -> spec.keyUsage(KeyUsage.keyAgreement));
        via(
                ca,
                "an intermediate for servers",
                "WRONG_PURPOSE",
                cases,
                spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        cases.add(new Hostile("the trust anchor itself", "WRONG_PURPOSE", ca.self()));
    }

    private static void validity(ThrowawayCa ca, Instant now, List<Hostile> cases) {
        leaf(ca, "expired", "EXPIRED", cases, spec -> spec.valid(now.minus(2, DAYS), now.minus(1, SECONDS)));
        leaf(ca, "not yet valid", "NOT_YET_VALID", cases, spec -> spec.valid(now.plus(1, SECONDS), now.plus(2, DAYS)));
        via(
                ca,
                "expired intermediate",
                "EXPIRED",
                cases,
                spec -> spec.valid(now.minus(2, DAYS), now.minus(1, SECONDS)));
        via(
                ca,
                "future intermediate",
                "NOT_YET_VALID",
                cases,
                spec -> spec.valid(now.plus(1, SECONDS), now.plus(2, DAYS)));
    }

    private static void names(ThrowawayCa ca, List<Hostile> cases) {
        for (String dns : List.of(
                "",
                "*",
                "*.com",
                "a.*.com",
                "b*.example.com",
                "a\0.example.com",
                "a\r\nb.example.com",
                ".example.com",
                "example.com.",
                "8.8.8.8",
                "a b.example.com",
                "under_score.example.com")) {
            leaf(
                    ca,
                    "DNS name '" + dns.replaceAll("[\\p{Cntrl}]", "?") + "'",
                    "MALFORMED_CERTIFICATE",
                    cases,
                    spec -> spec.dns(dns));
        }
        leaf(ca, "two SPIFFE IDs", "MALFORMED_CERTIFICATE", cases, spec -> spec.uri("spiffe://demo.local/agent/other"));
        leaf(
                ca,
                "a SPIFFE ID and another URI",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.uri("https://example.com/"));
        leaf(
                ca,
                "a SPIFFE ID with dots",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.withoutNames().uri("spiffe://demo.local/agent/../server/weather"));
        leaf(
                ca,
                "a SPIFFE ID in capitals",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.withoutNames().uri("SPIFFE://demo.local/agent/mallory"));
        for (String id : List.of(
                "spiffe://demo.local",
                "spiffe://demo.local/",
                "spiffe:///agent/mallory",
                "spiffe:agent/mallory",
                "spiffe://Demo.local/agent/mallory",
                "spiffe://u@demo.local/agent/mallory",
                "spiffe://demo.local:443/agent/mallory",
                "spiffe://demo.local/agent/mallory?a",
                "spiffe://demo.local/agent/mallory#a",
                "spiffe://demo.local/agent%2fmallory",
                "spiffe://demo.local//mallory",
                "spiffe://demo.local/./mallory",
                "spiffe://demo.local/" + "m".repeat(2048))) {
            leaf(
                    ca,
                    "SPIFFE ID " + id.substring(0, Math.min(40, id.length())),
                    "MALFORMED_CERTIFICATE",
                    cases,
                    spec -> spec.withoutNames().uri(id));
        }
        leaf(
                ca,
                "an address of five octets",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.name(new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[5]))));
        leaf(
                ca,
                "IPv4 mapped into IPv6",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.name(new GeneralName(
                        GeneralName.iPAddress,
                        new DEROctetString(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1}))));
        leaf(
                ca,
                "a mailbox with two at-signs",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.name(new GeneralName(GeneralName.rfc822Name, "a@b@example.com")));
        leaf(
                ca,
                "critical names beside a subject",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.alternativeNames(true));
        leaf(
                ca,
                "names that are not DER",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.extension("2.5.29.17", false, "example.com".getBytes(StandardCharsets.US_ASCII)));
    }

    private static void extensions(ThrowawayCa ca, List<Hostile> cases) {
        leaf(
                ca,
                "unknown critical extension",
                "UNHANDLED_CRITICAL_EXTENSION",
                cases,
                spec -> spec.extension(UNKNOWN_EXTENSION, true, DERNull.INSTANCE));
        via(
                ca,
                "unknown critical extension in an intermediate",
                "UNHANDLED_CRITICAL_EXTENSION",
                cases,
                spec -> spec.extension(UNKNOWN_EXTENSION, true, DERNull.INSTANCE));
        leaf(
                ca,
                "keyCertSign without CA",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign));
        leaf(
                ca,
                "cRLSign beside a SPIFFE ID",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.keyUsage(KeyUsage.digitalSignature | KeyUsage.cRLSign));
        leaf(ca, "serial number 0", "MALFORMED_CERTIFICATE", cases, spec -> spec.serialNumber(0));
        via(ca, "serial number -1 in an intermediate", "MALFORMED_CERTIFICATE", cases, spec -> spec.serialNumber(-1));
        leaf(
                ca,
                "empty extended key usage",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.extension(Extension.extendedKeyUsage.getId(), false, new byte[] {0x30, 0}));
        leaf(
                ca,
                "name constraints in a leaf",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.extension(
                        "2.5.29.30", true, permitted(new GeneralName(GeneralName.dNSName, "example.com"))));
        via(
                ca,
                "basic constraints not critical",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.basicConstraints(false, new BasicConstraints(true)));
        via(
                ca,
                "policy constraints not critical",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.extension("2.5.29.36", false, new byte[] {0x30, 3, (byte) 0x80, 1, 0}));
    }

    private static void constraints(ThrowawayCa ca, List<Hostile> cases) {
        cases.add(new Hostile(
                "path length exceeded",
                "PATH_TOO_LONG",
                ca.intermediate("Division CA", spec -> spec.ca(0))
                        .intermediate("Team CA")
                        .client("mallory")));
        ThrowawayCa deep = ca;
        for (int i = 0; i < 8; i++) {
            deep = deep.intermediate("Level " + i);
        }
        cases.add(new Hostile("eight intermediates", "PATH_TOO_LONG", deep.client("mallory")));
        constrained(
                ca, "URI outside", cases, permitted(new GeneralName(GeneralName.uniformResourceIdentifier, "a.local")));
        constrained(
                ca, "URI excluded", cases, excluded(new GeneralName(GeneralName.uniformResourceIdentifier, ".local")));
        constrained(ca, "DNS outside", cases, permitted(new GeneralName(GeneralName.dNSName, "example.org")));
        constrained(ca, "DNS excluded", cases, excluded(new GeneralName(GeneralName.dNSName, "example.com")));
        constrained(
                ca,
                "wildcard over an excluded name",
                cases,
                excluded(new GeneralName(GeneralName.dNSName, "secret.wild.example.com")));
        constrained(ca, "address outside", cases, permitted(new GeneralName(GeneralName.iPAddress, "192.0.3.0/24")));
        constrained(ca, "address excluded", cases, excluded(new GeneralName(GeneralName.iPAddress, "192.0.2.0/24")));
        constrained(ca, "mailbox outside", cases, permitted(new GeneralName(GeneralName.rfc822Name, "b@example.com")));
        constrained(ca, "subject outside", cases, permitted(new GeneralName(new X500Name("O=Elsewhere"))));
        constrained(ca, "subject excluded", cases, excluded(new GeneralName(new X500Name("CN=MALLORY"))));
        constrained(
                ca,
                "subject excluded, written in another kind of string",
                cases,
                excluded(new GeneralName(new X500Name(new RDN[] {new RDN(BCStyle.CN, new DERBMPString("Mallory "))}))));
        constrained(
                ca,
                "a mailbox that may hide in a name of another kind",
                cases,
                excluded(new GeneralName(GeneralName.rfc822Name, "example.org")));
        constrained(
                ca,
                "a kind that no verifier can check",
                cases,
                excluded(new GeneralName(GeneralName.registeredID, "1.2.3")));
        via(
                ca,
                "an unreadable constraint",
                "MALFORMED_CERTIFICATE",
                cases,
                spec -> spec.extension("2.5.29.30", true, new byte[] {0x30, 0}));
    }

    private static void constrained(ThrowawayCa ca, String name, List<Hostile> cases, NameConstraints constraints) {
        ThrowawayCa team = ca.intermediate("Constrained CA", spec -> spec.extension("2.5.29.30", true, constraints));
        cases.add(new Hostile(
                "constraint: " + name,
                "NAME_CONSTRAINT_VIOLATED",
                team.client(
                        "mallory",
                        spec -> spec.dns("example.com")
                                .dns("*.wild.example.com")
                                .ip("192.0.2.1")
                                .name(new GeneralName(GeneralName.rfc822Name, "a@example.com"))
                                .name(new GeneralName(GeneralName.registeredID, "1.2.3")))));
    }

    private static NameConstraints permitted(GeneralName base) {
        return new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(base)}, null);
    }

    private static NameConstraints excluded(GeneralName base) {
        return new NameConstraints(null, new GeneralSubtree[] {new GeneralSubtree(base)});
    }

    private static void leaf(
            ThrowawayCa ca, String name, String reason, List<Hostile> cases, UnaryOperator<CertificateSpec> change) {
        cases.add(new Hostile(name, reason, ca.client("mallory", change)));
    }

    private static void via(
            ThrowawayCa ca, String name, String reason, List<Hostile> cases, UnaryOperator<CertificateSpec> change) {
        cases.add(new Hostile(name, reason, ca.intermediate("Team CA", change).client("mallory")));
    }

    private static String commonName(ThrowawayCa ca) {
        return ca.certificate().getSubjectX500Principal().getName().replaceFirst("^CN=", "");
    }
}
