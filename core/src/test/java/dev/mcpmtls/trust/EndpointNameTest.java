// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import static dev.mcpmtls.trust.Verifying.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointNameTest {

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA", NOW);

    @ParameterizedTest
    @CsvSource({
        "weather.example.com, weather.example.com, true",
        "WEATHER.example.COM, weather.example.com, true",
        "*.example.com, weather.example.com, true",
        "*.example.com, a.weather.example.com, false",
        "*.example.com, example.com, false",
        "*.example.com, weather.example.org, false",
        "example.com, weather.example.com, false",
        "weather.example.com, example.com, false",
        "weather.example.com, localhost, false"
    })
    void matchesDnsNames(String inCertificate, String dialled, boolean matches) {
        Issued server = ca.server("x", spec -> spec.withoutNames().dns(inCertificate));
        assertThat(accepts(server, DnsName.parse(dialled))).isEqualTo(matches);
    }

    @Test
    void matchesAddressesOctetByOctet() {
        Issued server =
                ca.server("x", spec -> spec.withoutNames().ip("192.0.2.1").ip("2001:db8::1"));
        assertThat(accepts(server, ip("192.0.2.1"))).isTrue();
        assertThat(accepts(server, ip("2001:db8::1"))).isTrue();
        assertThat(accepts(server, ip("192.0.2.2"))).isFalse();
    }

    @Test
    void matchesSpiffeIdsAndPins() {
        Issued server = ca.server("weather");
        assertThat(accepts(server, SpiffeId.parse("spiffe://demo.local/server/weather")))
                .isTrue();
        assertThat(accepts(server, SpiffeId.parse("spiffe://demo.local/server/echo")))
                .isFalse();
        assertThat(accepts(server, PublicKeyPin.of(server.leaf().getPublicKey())))
                .isTrue();
        assertThat(accepts(server, PublicKeyPin.of(ca.certificate().getPublicKey())))
                .isFalse();
    }

    private boolean accepts(Issued server, Identity dialled) {
        Verdict verdict = Verifying.strict(ca).verifyServer(Verifying.chain(server), dialled);
        if (verdict instanceof Verdict.Rejected rejected) {
            assertThat(rejected.findings()).singleElement().isInstanceOf(UseRejection.NameMismatch.class);
        }
        return verdict instanceof Verdict.Accepted;
    }

    private static IpAddress ip(String literal) {
        try {
            return new IpAddress(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
