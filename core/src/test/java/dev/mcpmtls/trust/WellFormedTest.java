// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.AlternativeNames;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WellFormedTest {

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "a.b", "*.example.com", "*.EXAMPLE.com", "xn--a.example", "1a.example"})
    void takesDnsNames(String name) {
        assertThat(WellFormed.defects(dns(name))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"_sip.example.com", "a_b.example.com", "*.com", "*.", "*.*.example.com", "a.1", "1", "-a.b"})
    void refusesDnsNames(String name) {
        assertThat(WellFormed.defects(dns(name))).singleElement().asString().contains("ill-formed DNS name");
    }

    @Test
    void anAddressWrittenAsADnsNameIsCalledThat() {
        assertThat(WellFormed.defects(dns("127.0.0.1")))
                .singleElement()
                .asString()
                .contains("write it as an IP name");
        assertThat(WellFormed.defects(dns("a_b"))).singleElement().asString().doesNotContain("IP name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://example.com/", "urn:x", "spiffe://demo.local/a"})
    void takesUris(String uri) {
        assertThat(WellFormed.defects(uris(uri))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "", "1x:y", "http:", "http://a b", "spiffe:x"})
    void refusesUris(String uri) {
        assertThat(WellFormed.defects(uris(uri))).singleElement().asString().contains("ill-formed URI");
    }

    @Test
    void countsTheUrisBesideASpiffeId() {
        assertThat(WellFormed.defects(uris("urn:x", "spiffe://demo.local/a", "urn:y")))
                .containsExactly("it holds a SPIFFE ID and 2 more URIs");
        assertThat(WellFormed.defects(uris("urn:x", "urn:y"))).isEmpty();
    }

    private static AlternativeNames dns(String name) {
        return new AlternativeNames(List.of(name), List.of(), List.of(), List.of(), List.of(), 0, false);
    }

    private static AlternativeNames uris(String... uris) {
        return new AlternativeNames(List.of(), List.of(), List.of(uris), List.of(), List.of(), 0, false);
    }
}
