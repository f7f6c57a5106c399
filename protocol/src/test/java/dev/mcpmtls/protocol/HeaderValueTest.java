// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderValueTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "a b",
                "",
                " padded ",
                "gr\u00fcn",
                "a\nb",
                "=?base64?YQ==?=",
                "=?base64?=",
                "\ud83d\ude00"
            })
    void comesBackAsItWas(String text) {
        String header = HeaderValue.encode(text);

        assertThat(header).matches("[\\t -~]*").isEqualTo(header.strip());
        assertThat(HeaderValue.decode(header)).contains(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gr\u00fcn", "a\nb", "=?base64?YQ?=", "=?base64?YR==?=", "=?base64?/w==?=", "=?base64?*?="})
    void isReadInOneFormOnly(String header) {
        assertThat(HeaderValue.decode(header)).isEmpty();
    }
}
