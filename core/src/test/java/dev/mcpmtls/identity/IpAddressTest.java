// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "10.0.0.0, 10.0.0.0",
        "0:0:0:0:0:0:0:1, ::1",
        "0:0:0:0:0:0:0:0, ::",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:0:0:0:1, 2001:db8:0:1::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:10:0:0:0:0, 2001:0:0:10::",
        "fe80:0:0:0:a0:0:0:10, fe80::a0:0:0:10"
    })
    void isWrittenAsPeopleWriteIt(String given, String written) {
        assertThat(IpAddress.parse(given).text()).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "127.1",
                "1.2.3.400",
                "010.0.0.1",
                "1.2.3.4.",
                "[::1]",
                ":",
                ".::1",
                "1::2::3",
                "fe80::1%lo",
                "0x7f.0.0.1",
                "2130706433"
            })
    void isReadFromAnAddressInFullOnly(String text) {
        assertThat(IpAddress.of(text)).isEmpty();
        assertThatThrownBy(() -> IpAddress.parse(text)).hasMessageContaining("not an IP address");
    }

    @Test
    void isIpv4WhereItIsMappedIntoIpv6() {
        assertThat(IpAddress.parse("::ffff:192.0.2.7")).isEqualTo(IpAddress.parse("192.0.2.7"));
    }

    @Test
    void isTheIdentityOfAHostThatIsDialledByIt() {
        assertThat(ServerName.of("[::1]")).isEqualTo(IpAddress.parse("::1"));
        assertThat(ServerName.of("::1")).isEqualTo(IpAddress.parse("::1"));
        assertThat(ServerName.of("127.0.0.1")).isEqualTo(IpAddress.parse("127.0.0.1"));
        assertThat(ServerName.of("Weather.Example")).isEqualTo(new DnsName("weather.example"));
        assertThatThrownBy(() -> ServerName.of("[::1")).isInstanceOf(IllegalArgumentException.class);
    }
}
