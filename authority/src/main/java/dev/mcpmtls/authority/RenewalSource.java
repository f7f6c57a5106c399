// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a credential is renewed over the network; the file {@code renewal} beside it:
 *
 * <pre>
 * est: https://authority.example.org:8440
 * crl: https://authority.example.org:8440/crl.pem
 * invitation: 4be1c09d2f
 * rekey: true
 * </pre>
 *
 * @param est the EST server (RFC 7030); without a path, {@code /.well-known/est} is added
 * @param crl the CRLs, in PEM; empty when it publishes none there
 * @param invitation the id of the invitation that brought the credential
 * @param rekey whether each renewal makes a new key
 */
public record RenewalSource(URI est, Optional<URI> crl, Optional<String> invitation, boolean rekey) {

    /** The name of the file. */
    public static final String FILE = Credential.RENEWAL_FILE;

    /** Checks the addresses. */
    public RenewalSource {
        requireHttps(est);
        crl.ifPresent(RenewalSource::requireHttps);
    }

    /** An EST server that publishes no CRL that we know of. */
    public static RenewalSource of(URI est) {
        return new RenewalSource(est, Optional.empty(), Optional.empty(), false);
    }

    /** The same, with a new key at each renewal if it, or {@code always}, says so. */
    public RenewalSource rekeying(boolean always) {
        return new RenewalSource(est, crl, invitation, rekey || always);
    }

    /** The content of the file. */
    byte[] text() {
        StringBuilder text = new StringBuilder("est: " + est + "\n");
        crl.ifPresent(address -> text.append("crl: ").append(address).append('\n'));
        invitation.ifPresent(id -> text.append("invitation: ").append(id).append('\n'));
        if (rekey) {
            text.append("rekey: true\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The reverse of {@link #text}; blank lines, comments and unknown keys are ignored.
     *
     * @throws IllegalArgumentException when it names no EST server
     */
    static RenewalSource parse(byte[] file) {
        Map<String, String> values = new HashMap<>();
        new String(file, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(": ") && !line.startsWith("#"))
                .forEach(line -> values.put(
                        line.substring(0, line.indexOf(':')).strip(),
                        line.substring(line.indexOf(':') + 1).strip()));
        String est = values.get("est");
        if (est == null) {
            throw new IllegalArgumentException("no line 'est: https://...'");
        }
        return new RenewalSource(
                URI.create(est),
                Optional.ofNullable(values.get("crl")).map(URI::create),
                Optional.ofNullable(values.get("invitation")),
                Boolean.parseBoolean(values.get("rekey")));
    }

    private static void requireHttps(URI address) {
        if (!"https".equals(address.getScheme()) || address.getHost() == null || address.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    Printable.quote(address.toString()) + " is no address of an EST server; write https://host:port");
        }
    }
}
