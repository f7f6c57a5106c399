// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.testkit.ThrowawayCa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names to which an anchor may be bound. */
class AnchorSetTest {

    @ParameterizedTest
    @CsvSource({
        "spiffe://partner.example/**, spiffe://partner.example/**",
        "spiffe://Partner.Example/agent/*, spiffe://partner.example/agent/*",
        "spiffe://partner.example/agent/a, spiffe://partner.example/agent/a",
        "dns:MTLS.example.com, dns:mtls.example.com",
        "dns:*.example.com, dns:*.example.com",
        "dns:localhost, dns:localhost",
        "ip:192.0.2.7, ip:192.0.2.7",
        "ip:10.0.0.0/8, ip:10.0.0.0/8",
        "ip:2001:db8::/32, ip:2001:db8::/32"
    })
    void areParsedAndWritten(String text, String written) {
        assertThat(AnchorSet.name(text).text()).isEqualTo(written);
        assertThat(AnchorSet.name(written)).isEqualTo(AnchorSet.name(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "partner.example",
                "spiffe://",
                "spiffe://partner.example",
                "spiffe://*",
                "spiffe://*/agent/a",
                "spiffe://*.example/**",
                "spiffe://**",
                "spiffe://partner**/agent/a",
                "spiffe://partner.example//a",
                "spiffe://partner.example/a b",
                "spiffe://partner.example/../a",
                "dns:",
                "dns:*",
                "dns:**",
                "dns:**.example.com",
                "dns:a*.example.com",
                "dns:*a.example.com",
                "dns:a.*.example.com",
                "dns:*.*.example.com",
                "dns:under_score.example.com",
                "dns:example.com.",
                "dns:192.0.2.7",
                "ip:192.0.2.7/24",
                "ip:localhost",
                "ip:::ffff:192.0.2.7",
                "ip:*",
                "pin:sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
            })
    void areRefusedWhenNoNameCouldMatchOrTooManyWould(String text) {
        assertThatThrownBy(() -> AnchorSet.name(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sayWhatToWrite() {
        assertThatThrownBy(() -> AnchorSet.name("spiffe://partner.example"))
                .hasMessageEndingWith("write spiffe://partner.example/** for all names in it");
    }

    @Test
    void areAtLeastOne() {
        TrustAnchors anchors = Verifying.anchors(ThrowawayCa.root("CA"));
        assertThatThrownBy(anchors::boundTo).isInstanceOf(IllegalArgumentException.class);
        assertThat(anchors.boundTo("dns:a.example").sets().get(0)).hasToString("the program (for dns:a.example)");
        assertThat(anchors.sets().get(0)).hasToString("the program");
    }

    @Test
    void areTheSameWhenWrittenAlike() {
        TrustAnchors anchors = Verifying.anchors(ThrowawayCa.root("CA"));
        assertThat(anchors.boundTo("dns:a.example")).isEqualTo(anchors.boundTo("dns:A.example"));
        assertThat(anchors.boundTo("dns:a.example")).isNotEqualTo(anchors.boundTo("dns:b.example"));
    }
}
