// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.Der.MalformedDerException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DerTest {

    @Test
    void readsNestedElements() throws MalformedDerException {
        Der sequence = der("300a 0101ff 020200ff 06012a");
        assertThat(sequence.children(Der.SEQUENCE)).hasSize(3);
        assertThat(sequence.children().get(0).asBoolean()).isTrue();
        assertThat(sequence.children().get(1).asSmallInteger()).isEqualTo(255);
        assertThat(sequence.children().get(2).asOid()).isEqualTo("1.2");
    }

    @Test
    void readsAndWritesLongLengths() throws MalformedDerException {
        for (int length : new int[] {0, 127, 128, 255, 256, 65535}) {
            assertThat(Der.parse(Der.encode(Der.OCTET_STRING, new byte[length])).content())
                    .hasSize(length);
        }
        assertThatThrownBy(() -> Der.encode(Der.OCTET_STRING, new byte[65536]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "30", // no length
                "3080 0000", // indefinite length
                "0401", // past the end
                "048100", // not minimal
                "04820001 00", // not minimal
                "0484000000 0100", // longer than anything here
                "1f8101 00", // tag of more than one octet
                "0400 0400" // two elements
            })
    void refusesWhatIsNotStrict(String hex) {
        assertThatThrownBy(() -> der(hex)).isInstanceOf(MalformedDerException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"010101", "0100", "0102ffff", "0201ff"})
    void refusesOtherBooleans(String hex) {
        assertThatThrownBy(() -> der(hex).asBoolean()).isInstanceOf(MalformedDerException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0200", "0201ff", "02020001", "02050100000000"})
    void refusesOtherIntegers(String hex) {
        assertThatThrownBy(() -> der(hex).asSmallInteger()).isInstanceOf(MalformedDerException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0600", "060180", "06028001", "060a ffffffffffffffffff7f", "04012a"})
    void refusesOtherObjectIdentifiers(String hex) {
        assertThatThrownBy(() -> der(hex).asOid()).isInstanceOf(MalformedDerException.class);
    }

    @Test
    void refusesTextBeyondAscii() {
        assertThatThrownBy(() -> der("1601e9").asAscii()).isInstanceOf(MalformedDerException.class);
    }

    private static Der der(String hex) throws MalformedDerException {
        return Der.parse(HexFormat.of().parseHex(hex.replace(" ", "")));
    }
}
