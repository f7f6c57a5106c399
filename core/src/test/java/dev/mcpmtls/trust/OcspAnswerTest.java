// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.testkit.Crafted.tlv;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.Der.MalformedDerException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Malformed answers; {@code OcspResponseTest} has well-formed ones and their contents. */
class OcspAnswerTest {

    private static final byte[] SUCCESSFUL = {0x0a, 1, 0};
    private static final byte[] BASIC = HexFormat.of().parseHex("06092b0601050507300101");

    @Test
    void needsResponseBytes() {
        assertRefused(tlv(0x30), "missing fields");
        assertRefused(tlv(0x30, SUCCESSFUL), "missing fields");
        assertRefused(tlv(0x30, SUCCESSFUL, tlv(0xa1, tlv(0x30))), "no response bytes");
        assertRefused(tlv(0x30, SUCCESSFUL, tlv(0xa0, tlv(0x30))), "missing fields");
    }

    @Test
    void needsABasicResponse() {
        byte[] nothing = tlv(0x04, tlv(0x30));
        byte[] other = HexFormat.of().parseHex("06092b0601050507300102");
        assertRefused(response(other, nothing), "not a basic response");
        assertRefused(response(BASIC, nothing), "missing fields");
    }

    @Test
    void needsAnAnswerAboutOneCertificate() {
        byte[] none = tlv(0x30, tlv(0x82), tlv(0x18), tlv(0x30));
        byte[] signed = tlv(0x30, none, tlv(0x30), tlv(0x03, new byte[2]));
        assertRefused(response(BASIC, tlv(0x04, signed)), "about 0 certificates");
    }

    private static byte[] response(byte[] type, byte[] octets) {
        return tlv(0x30, SUCCESSFUL, tlv(0xa0, tlv(0x30, type, octets)));
    }

    private static void assertRefused(byte[] encoding, String why) {
        assertThatThrownBy(() -> OcspAnswer.parse(encoding))
                .isInstanceOf(MalformedDerException.class)
                .hasMessageContaining(why);
    }
}
