// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.authority.Enrolment;
import dev.mcpmtls.authority.RenewalSource;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The settings of certificates that go over the network, on either side. */
public final class EnrolmentKeys {

    private static final KeyTable TABLE = new KeyTable();

    /** Where the authority listens. */
    public static final Key<ListenAddress> AUTHORITY_LISTEN = TABLE.key(
            "authority.listen",
            Type.of("HOST:PORT", ListenAddress::parse),
            "127.0.0.1:8440",
            "where the authority listens");

    /** Where other machines find it. */
    public static final Key<ReachedAt> AUTHORITY_NAME = TABLE.optional(
            "authority.name",
            Type.of("HOST[:PORT]", ReachedAt::parse),
            "where other machines reach the authority; default where it listens");

    /** The credential that the authority presents. */
    public static final Key<String> AUTHORITY_CREDENTIAL = TABLE.key(
            "authority.credential", Type.text("NAME"), "authority", "the credential that the authority presents");

    /** How long an expired certificate can be renewed. */
    public static final Key<Duration> AUTHORITY_GRACE = TABLE.key(
            "authority.grace",
            Type.of("DURATION", EnrolmentKeys::grace),
            "7d",
            "how long after its expiry a certificate can still be renewed over the network; at most 30d");

    /** The token with the authority's key. */
    public static final Key<Path> PKCS11_LIBRARY = TABLE.optional(
            "authority.pkcs11.library",
            Type.path(),
            "the PKCS#11 library of the token that has, or gets, the key of a new authority");

    /** Its slot. */
    public static final Key<Integer> PKCS11_SLOT =
            TABLE.optional("authority.pkcs11.slot", Type.number(0, Integer.MAX_VALUE), "the id of the token's slot");

    /** The label of the key there. */
    public static final Key<String> PKCS11_LABEL = TABLE.key(
            "authority.pkcs11.label",
            Type.text("LABEL"),
            "mcp-mtls",
            "the label of the key in the token; it is used if it is there, else made");

    /** Where its PIN is. */
    public static final Key<Path> PKCS11_PIN_FILE = TABLE.optional(
            "authority.pkcs11.pin-file",
            Type.path(),
            "an owner-only file whose first line is the token's PIN, where no passphrase is given");

    /** Another EST server. */
    public static final Key<URI> RENEWAL_EST = TABLE.optional(
            "renewal.est",
            Type.of("URL", EnrolmentKeys::est),
            "the EST server (RFC 7030) that renews credentials from elsewhere; those that joined know theirs");

    /** Whether renewals make new keys. */
    public static final Key<Boolean> RENEWAL_REKEY =
            TABLE.key("renewal.rekey", Type.bool(), "false", "whether each renewal over the network makes a new key");

    private EnrolmentKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }

    private static URI est(String text) {
        try {
            return RenewalSource.of(URI.create(text)).est();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    Printable.quote(text) + " is no address of an EST server, such as https://est.example.org:8443", e);
        }
    }

    private static Duration grace(String text) {
        Duration grace = Type.parseDuration(text);
        if (grace.compareTo(Enrolment.LONGEST_GRACE) > 0) {
            throw new IllegalArgumentException(Printable.quote(text)
                    + " is more than 30d: revocations of expired certificates are not remembered longer");
        }
        return grace;
    }
}
