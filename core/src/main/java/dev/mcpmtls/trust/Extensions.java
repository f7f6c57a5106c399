// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The ASN.1 of the extensions and times in a certificate, read strictly (RFC 5280, section 4). */
final class Extensions {

    /** Section 4.2.1.9. */
    record BasicConstraints(boolean ca, OptionalInt pathLength) {}

    private static final int URI_NAME = 0x86;
    private static final int MAX_LOCATIONS = 4;

    private Extensions() {}

    /** Section 4.1.2.5: UTCTime through 2049, GeneralizedTime afterwards, both with seconds and Z. */
    static boolean hasProfiledValidity(Der tbsCertificate) throws MalformedDerException {
        List<Der> fields = tbsCertificate.children(Der.SEQUENCE);
        boolean profiled = true;
        for (Der time : fields.get(fields.get(0).isContext(0) ? 4 : 3).children(Der.SEQUENCE)) {
            profiled &= isProfiledTime(time);
        }
        return profiled;
    }

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

    /** The first nine bits, those that RFC 5280 names. */
    static boolean[] bits(Der value) throws MalformedDerException {
        byte[] content = value.expect(Der.BIT_STRING).content();
        if (content.length < 2 || content[0] < 0 || content[0] > 7) {
            throw new MalformedDerException("not a non-empty bit string");
        }
        boolean[] bits = new boolean[9];
        for (int i = 0; i < bits.length && i < (content.length - 1) * 8; i++) {
            bits[i] = (content[1 + i / 8] & (0x80 >> (i % 8))) != 0;
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

    /** The key identifier, where there is one. */
    static Optional<byte[]> authorityKey(Der value) throws MalformedDerException {
        for (Der field : value.children(Der.SEQUENCE)) {
            if (field.tag() == 0x80) {
                return Optional.of(field.content());
            }
        }
        return Optional.empty();
    }

    /**
     * Section 4.2.1.13: the plain HTTP locations of CRLs that hold every reason and are signed by the certificate's issuer. Other
     * locations are passed over; HTTPS among them, because its certificates would need CRLs in turn.
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

    private static boolean isProfiledTime(Der time) throws MalformedDerException {
        return time.tag() == Der.UTC_TIME
                ? time.asAscii().matches("\\d{12}Z")
                : time.expect(Der.GENERALIZED_TIME).asAscii().matches("20[5-9]\\d{11}Z|2[1-9]\\d{12}Z|[3-9]\\d{13}Z");
    }
}
