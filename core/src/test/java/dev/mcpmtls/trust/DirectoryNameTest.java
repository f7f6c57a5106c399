// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.testkit.Crafted;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The equality of names (RFC 5280, section 7.1); {@code NameConstraintsTest} covers subtrees. */
class DirectoryNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Secret Lab",
                "SECRET LAB",
                "  secret   lab ",
                "secret\u00a0lab",
                "secret\u2003lab",
                "secret\tlab",
                "secret\u0085lab",
                "se\u00adcret lab",
                "se\u200bcret lab",
                "secret\u2060 lab",
                "sec\ufe0fret lab",
                "sec\u034fret lab",
                "sec\udb40\udd00ret lab",
                "secret\u3164 lab",
                "\ufeffsecret lab",
                "secret lab\u0000",
                "\uff53ecret lab"
            })
    void isTheSameHoweverItIsWritten(String text) throws Exception {
        assertThat(organization(text).isWithin(organization("secret lab"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"secretlab", "secret-lab", "secret lab.", "secret l\u00e4b", "secret lab+x", ""})
    void isAnotherWhenItReadsOtherwise(String text) throws Exception {
        assertThat(organization(text).isWithin(organization("secret lab"))).isFalse();
    }

    @Test
    void oneAttributeIsNotAnother() throws Exception {
        assertThat(name("CN=Demo").relativeNames()).isNotEqualTo(name("O=Demo").relativeNames());
    }

    @Test
    void theOrderInsideARelativeNameMeansNothing() throws Exception {
        assertThat(name("O=b+O=A").relativeNames()).isEqualTo(name("O=B+O=a").relativeNames());
        assertThat(name("O=b+O=A").relativeNames()).isNotEqualTo(name("O=B+O=c").relativeNames());
    }

    @Test
    void valuesThatAreNoTextCompareByTheirEncoding() throws Exception {
        assertThat(coded("020105").relativeNames())
                .isEqualTo(coded("020105").relativeNames())
                .isNotEqualTo(coded("020106").relativeNames());
    }

    @Test
    void printsAsItStands() throws Exception {
        assertThat(name("O=Demo")).hasToString("O=Demo");
        assertThat(name("O=Demo").isEmpty()).isFalse();
        assertThat(DirectoryName.EMPTY.isEmpty()).isTrue();
    }

    private static DirectoryName organization(String text) throws MalformedDerException {
        byte[] value = Crafted.tlv(0x0c, text.getBytes(StandardCharsets.UTF_8));
        return of("060355040a", value);
    }

    private static DirectoryName coded(String value) throws MalformedDerException {
        return of("0603550403", HexFormat.of().parseHex(value));
    }

    private static DirectoryName of(String type, byte[] value) throws MalformedDerException {
        byte[] attribute = Crafted.tlv(0x30, HexFormat.of().parseHex(type), value);
        return DirectoryName.of(new X500Principal(Crafted.tlv(0x30, Crafted.tlv(0x31, attribute))));
    }

    private static DirectoryName name(String text) throws MalformedDerException {
        return DirectoryName.of(new X500Principal(text));
    }
}
