// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.remedy;

/** A setting that remedies name: in configuration files by its key, in Java by the method that takes it. */
public enum Setting {
    STORE("", "Store.at"),
    AUTHORITY_PASSPHRASE("", "Authority.open"),
    TRUST_ANCHORS("tls.trust-anchors", "TrustAnchors.load"),
    TOLERATE("tls.tolerate", "TrustPolicy.withTolerances"),
    PINS("tls.pins", "TrustPolicy.pinned"),
    CHAIN_MAX_LENGTH("tls.chain.max-length", "TrustPolicy.withBounds"),
    CHAIN_MAX_BYTES("tls.chain.max-bytes", "TrustPolicy.withBounds"),
    REVOCATION_CRL("tls.revocation.crl", "Revocation.load"),
    CREDENTIAL("", "TlsProfile.builder"),
    DIAGNOSIS_TIMEOUT("", "Doctor"),
    CONFIGURATION_FILE("", "Settings.load"),
    PLAIN_UPSTREAM("", "isPlainAllowed of ServerEntry.Url");

    private final String key;
    private final String method;

    Setting(String key, String method) {
        this.key = key;
        this.method = method;
    }

    /** Its place in a configuration file, for example {@code tls.trust-anchors}; empty when it has none. */
    public String key() {
        return key;
    }

    /** The method that takes it, for example {@code TrustPolicy.withTolerances}. */
    public String method() {
        return method;
    }
}
