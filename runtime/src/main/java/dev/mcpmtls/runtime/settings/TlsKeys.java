// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The settings of {@code tls}. Paths inside the store are relative to {@code dir}. */
public final class TlsKeys {

    private static final KeyTable TABLE = new KeyTable();

    /** Strict, relaxed or pinned. */
    public static final Key<Validation> VALIDATION = TABLE.key(
            "tls.validation", Type.words(Validation.values()), "strict", "how peers' certificates are validated");

    /** The checks that relaxed validation records instead of enforcing. */
    public static final Key<List<Relaxation>> RELAX = TABLE.list(
            "tls.relax",
            Type.oneOf(List.of(Relaxation.values()), Relaxation::text),
            List.of(),
            "the strict checks that relaxed validation records instead of enforcing; when empty, all but issuer-not-allowed");

    /** The keys that pinned validation accepts. */
    public static final Key<List<PublicKeyPin>> PINS = TABLE.list(
            "tls.pins",
            Type.of("sha256/BASE64", PublicKeyPin::parse),
            List.of(),
            "the public keys that pinned validation accepts");

    /** Whether pinned validation takes the first key it sees of a name. */
    public static final Key<Boolean> TRUST_ON_FIRST_USE = TABLE.key(
            "tls.trust-on-first-use",
            Type.bool(),
            "false",
            "whether pinned validation remembers the first key of each name, in known_peers, instead of taking listed ones");

    /** The TLS implementation. */
    public static final Key<TlsEngine> ENGINE = TABLE.key(
            "tls.engine", Type.words(TlsEngine.values()), "auto", "the TLS implementation; auto prefers BoringSSL");

    /** The oldest TLS version spoken. */
    public static final Key<TlsVersion> MIN_VERSION = TABLE.key(
            "tls.min-version",
            Type.oneOf(List.of(TlsVersion.values()), TlsVersion::text),
            "TLSv1.3",
            "the oldest TLS version spoken");

    /** Cipher suites. */
    public static final Key<List<String>> CIPHER_SUITES = TABLE.list(
            "tls.cipher-suites",
            Type.of("SUITE", TlsNames::cipherSuite),
            List.of(),
            "IANA names, most wanted first; a safe list when empty");

    /** Key exchange groups. */
    public static final Key<List<String>> GROUPS = TABLE.list(
            "tls.groups",
            Type.of("GROUP", TlsNames::group),
            List.of("X25519MLKEM768", "X25519", "P-256"),
            "key exchange groups, most wanted first");

    /** How long a handshake may take. */
    public static final Key<Duration> HANDSHAKE_TIMEOUT =
            TABLE.key("tls.handshake-timeout", Type.duration(), "10s", "how long a TLS handshake may take");

    /** Whether TLS sessions are resumed. */
    public static final Key<Boolean> SESSION_RESUMPTION = TABLE.key(
            "tls.session-resumption",
            Type.bool(),
            "true",
            "whether TLS sessions are resumed; resumed peers are verified again");

    /** Where verification starts. */
    public static final Key<List<AnchorEntry>> TRUST_ANCHORS = TABLE.list(
            "tls.trust-anchors",
            Type.of("PATH", AnchorEntry::plain),
            List.of("credentials/<name>/ca.crt"),
            "PEM files or SPIFFE bundles of trust anchors, in the file also {file: PATH, for: [PATTERN]};"
                    + " <name> is the credential in use");

    /** Faults of form of private authorities that are allowed. */
    public static final Key<List<Tolerance>> TOLERATE = TABLE.list(
            "tls.tolerate",
            Type.oneOf(List.of(Tolerance.values()), Tolerance::text),
            List.of(),
            "faults of form of private authorities to allow; peers stay VERIFIED");

    /** The file with the passphrase of a credential whose key is encrypted. */
    public static final Key<Path> KEY_PASSPHRASE_FILE = TABLE.optional(
            "tls.key-passphrase-file",
            Type.path(),
            "a file whose first line is the passphrase of an encrypted tls.key or PKCS#12 file");

    /** Revocation lists. */
    public static final Key<List<Path>> CRL = TABLE.list(
            "tls.revocation.crl", Type.path(), List.of("crl.pem"), "PEM files of certificate revocation lists");

    /** Whether revocation lists are fetched. */
    public static final Key<Boolean> REVOCATION_FETCH = TABLE.key(
            "tls.revocation.fetch",
            Type.bool(),
            "false",
            "whether the lists that certificates name are fetched over HTTP; every certificate then needs a list");

    /** Whether a certificate of unknown revocation status is accepted. */
    public static final Key<Revocation.Mode> REVOCATION_MODE = TABLE.key(
            "tls.revocation.mode",
            Type.words(Revocation.Mode.values()),
            "soft-fail",
            "whether a peer of unknown revocation status is accepted");

    /** Serial numbers and key pins that are always rejected. */
    public static final Key<Path> DENY_LIST = TABLE.optional(
            "tls.revocation.deny-list",
            Type.path(),
            "a file of serial numbers (hexadecimal) and key pins (sha256/...) to reject always, one a line");

    /** The OCSP response that servers staple. */
    public static final Key<Path> OCSP_RESPONSE = TABLE.optional(
            "tls.ocsp-response",
            Type.path(),
            "a DER file of the OCSP response that a server staples; <name> is the credential in use");

    /** Certificates on the way to a trust anchor; {@link #CHAIN_BYTES} bounds all that are presented. */
    public static final Key<Integer> CHAIN_LENGTH = TABLE.key(
            "tls.chain.max-length", Type.number(1, 100), "8", "the maximum chain length, excluding the trust anchor");

    /** Bytes of all presented certificates, on the way to a trust anchor or not. */
    public static final Key<Long> CHAIN_BYTES = TABLE.key(
            "tls.chain.max-bytes",
            Type.size(),
            "64KiB",
            "the most bytes of certificates a peer may present, used or not");

    private TlsKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }
}
