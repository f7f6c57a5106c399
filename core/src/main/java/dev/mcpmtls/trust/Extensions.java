// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

/** The ASN.1 of the extensions of a certificate, read strictly (RFC 5280, section 4.2). */
final class Extensions {

    /** Section 4.2.1.9. */
    record BasicConstraints(boolean ca, OptionalInt pathLength) {}

    /**
     * Section 4.2.1.1.
     *
     * @param issuers the directory names among the names of the authority's issuer
     * @param serialNumber the serial number of the authority's certificate, if it is named by issuer and serial number
     */
    record AuthorityKey(
            Optional<byte[]> keyIdentifier, List<X500Principal> issuers, Optional<BigInteger> serialNumber) {

        /** Whether it names a certificate by issuer and serial number, and that is not this one. */
        boolean namesOtherThan(X509Certificate authority) {
            return serialNumber
                    .filter(number -> !number.equals(authority.getSerialNumber())
                            || !issuers.contains(authority.getIssuerX500Principal()))
                    .isPresent();
        }
    }

    private static final int KEY_IDENTIFIER = 0x80;
    private static final int SERIAL_NUMBER = 0x82;
    private static final int DIRECTORY_NAME = 0xa4;
    private static final int URI_NAME = 0x86;
    private static final int MAX_LOCATIONS = 4;
    private static final Set<List<Integer>> AUTHORITY_KEY_FORMS =
            Set.of(List.of(KEY_IDENTIFIER), List.of(0xa1, SERIAL_NUMBER), List.of(KEY_IDENTIFIER, 0xa1, SERIAL_NUMBER));

    private Extensions() {}

    static BasicConstraints basicConstraints(Der value) throws MalformedDerException {
        List<Der> fields = value.children(Der.SEQUENCE);
        int next = 0;
        boolean ca = false;
        if (next < fields.size() && fields.get(next).tag() == Der.BOOLEAN) {
            ca = fields.get(next++).asBoolean();
            if (!ca) {
                throw new MalformedDerException("DER leaves out a default value");
            }
        }
        OptionalInt pathLength = OptionalInt.empty();
        if (next < fields.size()) {
            pathLength = OptionalInt.of(fields.get(next++).expect(Der.INTEGER).asSmallInteger());
        }
        if (next < fields.size() || (!ca && pathLength.isPresent())) {
            throw new MalformedDerException("unexpected fields");
        }
        return new BasicConstraints(ca, pathLength);
    }

    /** The first eight bits; at least one bit is set, there or later, and the encoding ends with the last one set. */
    static boolean[] bits(Der value) throws MalformedDerException {
        byte[] content = value.expect(Der.BIT_STRING).strict().content();
        if (content.length < 2 || (content[content.length - 1] & (1 << content[0])) == 0) {
            throw new MalformedDerException("not a non-empty list of named bits");
        }
        boolean[] bits = new boolean[8];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = (content[1] & (0x80 >> i)) != 0;
        }
        return bits;
    }

    /** A non-empty list of object identifiers. */
    static Set<String> oids(Der value) throws MalformedDerException {
        Set<String> oids = new HashSet<>();
        for (Der oid : value.children(Der.SEQUENCE)) {
            oids.add(oid.asOid());
        }
        if (oids.isEmpty()) {
            throw new MalformedDerException("an empty list");
        }
        return Set.copyOf(oids);
    }

    /** A non-empty octet string. */
    static byte[] octets(Der value) throws MalformedDerException {
        byte[] content = value.expect(Der.OCTET_STRING).content();
        if (content.length == 0) {
            throw new MalformedDerException("an empty identifier");
        }
        return content;
    }

    /** Section 4.2.1.1: issuer and serial number come together or not at all. */
    static AuthorityKey authorityKey(Der value) throws MalformedDerException {
        List<Der> fields = value.children(Der.SEQUENCE);
        if (!AUTHORITY_KEY_FORMS.contains(fields.stream().map(Der::tag).toList())) {
            throw new MalformedDerException("unexpected fields");
        }
        Optional<byte[]> keyIdentifier = Optional.empty();
        List<X500Principal> issuers = new ArrayList<>();
        Optional<BigInteger> serialNumber = Optional.empty();
        for (Der field : fields) {
            switch (field.tag()) {
                case KEY_IDENTIFIER -> keyIdentifier = Optional.of(field.content());
                case SERIAL_NUMBER -> serialNumber = Optional.of(serialNumber(field));
                default -> addDirectoryNames(field, issuers);
            }
        }
        return new AuthorityKey(keyIdentifier, List.copyOf(issuers), serialNumber);
    }

    private static BigInteger serialNumber(Der implicit) throws MalformedDerException {
        Der integer = new Der(Der.INTEGER, implicit.content(), implicit.encoding());
        return new BigInteger(integer.strict().content());
    }

    private static void addDirectoryNames(Der names, List<X500Principal> found) throws MalformedDerException {
        for (Der name : names.children()) {
            if (name.tag() == DIRECTORY_NAME) {
                found.add(Subtree.directoryName(name.content()).principal());
            }
        }
    }

    /**
     * Section 4.2.1.13: the plain HTTP locations of CRLs that hold every reason and are signed by the certificate's issuer.
     * Other locations are skipped, HTTPS included, because its certificates would need CRLs in turn.
     */
    static List<URI> distributionPoints(Der value) throws MalformedDerException {
        List<URI> locations = new ArrayList<>();
        for (Der point : value.children(Der.SEQUENCE)) {
            List<Der> fields = point.children(Der.SEQUENCE);
            if (fields.size() == 1 && fields.get(0).isContext(0)) {
                for (Der fullName : fields.get(0).children()) {
                    addHttp(fullName, locations);
                }
            }
        }
        return locations.stream().distinct().limit(MAX_LOCATIONS).toList();
    }

    private static void addHttp(Der fullName, List<URI> locations) throws MalformedDerException {
        if (!fullName.isContext(0)) {
            return; // a name relative to the issuer's: for directories
        }
        for (Der name : fullName.children()) {
            if (name.tag() == URI_NAME) {
                httpLocation(name.asAscii()).ifPresent(locations::add);
            }
        }
    }

    private static Optional<URI> httpLocation(String text) {
        try {
            URI uri = new URI(text);
            boolean isPlain = "http".equalsIgnoreCase(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null;
            return isPlain ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
