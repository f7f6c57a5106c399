// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255",
        "10.64.0.0/10, 10.127.0.1",
        "192.0.2.7, 192.0.2.7",
        "192.0.2.6/31, 192.0.2.7",
        "::ffff:192.0.2.7, 192.0.2.7",
        "fd00::/8, fdff::1",
        "2001:db8::/33, 2001:db8:7fff::",
        "::1, ::1",
        "0.0.0.0/1, 127.0.0.1"
    })
    void containsItsAddresses(String network, String address) throws Exception {
        assertThat(Network.parse(network).contains(InetAddress.getByName(address)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 11.0.0.0",
        "10.64.0.0/10, 10.128.0.0",
        "192.0.2.7, 192.0.2.6",
        "fd00::/8, fe00::1",
        "2001:db8::/33, 2001:db8:8000::",
        "10.0.0.0/8, a00::",
        "::1, 0.0.0.1"
    })
    void containsNoOthers(String network, String address) throws Exception {
        assertThat(Network.parse(network).contains(InetAddress.getByName(address)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "fd00::/129",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "10.0.0.0/8 ",
                "localhost",
                "balancer.example.org",
                "fe80::1%eth0",
                "1",
                "010.0.0.0.0/8"
            })
    void refusesWhatIsNoNetwork(String text) {
        assertThatThrownBy(() -> Network.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10.0.0.0/8");
    }

    @Test
    void refusesBitsBehindThePrefixAndSaysWhatIsMeant() {
        assertThatThrownBy(() -> Network.parse("10.1.2.3/8")).hasMessageContaining("write 10.0.0.0/8");
    }

    /** Any client could then give itself an address. */
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0", "::/0"})
    void refusesEveryAddress(String all) {
        assertThatThrownBy(() -> Network.parse(all)).hasMessageContaining("no prefix from 1 to");
    }
}
