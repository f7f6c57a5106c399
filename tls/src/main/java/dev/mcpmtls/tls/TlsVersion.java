// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import java.util.List;

/** The oldest TLS version spoken. */
public enum TlsVersion {
    /** TLS 1.3 only (RFC 8446); the default. */
    TLS_1_3("TLSv1.3"),
    /** TLS 1.2 (RFC 5246) as well, with forward secrecy and authenticated encryption only. */
    TLS_1_2("TLSv1.2");

    private final String text;

    TlsVersion(String text) {
        this.text = text;
    }

    /** As configuration and JSSE write it, for example {@code TLSv1.3}. */
    public String text() {
        return text;
    }

    /** The versions spoken when this is the oldest, as JSSE writes them, the newest first. */
    public List<String> andNewer() {
        return this == TLS_1_3 ? List.of(TLS_1_3.text) : List.of(TLS_1_3.text, TLS_1_2.text);
    }
}
