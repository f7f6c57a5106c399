// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * The contents of an OCSP response before its verification. It is read here because the platform does not show them, and
 * accepts a response until a quarter of an hour after its nextUpdate.
 *
 * @param serialNumber the serial number of its certificate
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6960#section-4.2.1">RFC 6960, section 4.2.1</a>
 */
record OcspAnswer(BigInteger serialNumber, boolean isGood, Instant thisUpdate, Instant nextUpdate) {

    private static final int ENUMERATED = 0x0a;
    private static final String BASIC = "1.3.6.1.5.5.7.48.1.1";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuuMMddHHmmss'Z'");

    static OcspAnswer parse(byte[] encoding) throws MalformedDerException {
        List<Der> response = Der.parse(encoding).children(Der.SEQUENCE);
        int status = field(response, 0).expect(ENUMERATED).asSmallInteger();
        require(status == 0, "the responder answered with error " + status);
        require(field(response, 1).isContext(0), "no response bytes");
        List<Der> typed = Der.parse(response.get(1).content()).children(Der.SEQUENCE);
        require(field(typed, 0).asOid().equals(BASIC), "not a basic response");
        return basic(Der.parse(field(typed, 1).expect(Der.OCTET_STRING).content()));
    }

    private static OcspAnswer basic(Der basic) throws MalformedDerException {
        List<Der> signed = basic.children(Der.SEQUENCE);
        byte[] signature = field(signed, 2).strict().expect(Der.BIT_STRING).content();
        require(signature[0] == 0, "a signature that is not whole octets");
        List<Der> data = signed.get(0).children(Der.SEQUENCE);
        int version = field(data, 0).isContext(0) ? 1 : 0;
        List<Der> answers = field(data, version + 2).children(Der.SEQUENCE);
        require(answers.size() == 1, "about " + answers.size() + " certificates instead of one");
        return single(answers.get(0).children(Der.SEQUENCE));
    }

    private static OcspAnswer single(List<Der> single) throws MalformedDerException {
        List<Der> certificate = field(single, 0).children(Der.SEQUENCE);
        byte[] serialNumber = field(certificate, 3).strict().expect(Der.INTEGER).content();
        require(single.size() > 3 && single.get(3).isContext(0), "it has no nextUpdate");
        return new OcspAnswer(
                new BigInteger(serialNumber),
                field(single, 1).isContext(0),
                time(single.get(2)),
                time(Der.parse(single.get(3).content())));
    }

    boolean holds(Instant at) {
        return !at.isBefore(thisUpdate) && at.isBefore(nextUpdate);
    }

    private static Instant time(Der time) throws MalformedDerException {
        try {
            return LocalDateTime.parse(time.expect(Der.GENERALIZED_TIME).asAscii(), TIME)
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new MalformedDerException("not a time");
        }
    }

    private static Der field(List<Der> fields, int index) throws MalformedDerException {
        require(index < fields.size(), "missing fields");
        return fields.get(index);
    }

    private static void require(boolean holds, String otherwise) throws MalformedDerException {
        if (!holds) {
            throw new MalformedDerException(otherwise);
        }
    }
}
