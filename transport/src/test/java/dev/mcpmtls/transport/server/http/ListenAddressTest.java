// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "8443 | the host is missing",
                ":8443 | the host is missing",
                "localhost | the port is missing",
                "localhost: | the port is missing",
                "localhost:65536 | the port '65536' is not a number from 0 to 65535",
                "localhost:-1 | the port '-1' is not a number",
                "localhost:http | the port 'http' is not a number",
                "::1:8443 | brackets",
                "https://localhost:8443 | leave out https://",
            })
    void saysWhatIsWrong(String text, String why) {
        assertThatThrownBy(() -> ListenAddress.parse(text)).hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:0", "127.0.0.1:65535", "[::1]:8443", "0.0.0.0:1"})
    void readsHostsAndPorts(String text) {
        assertThat(ListenAddress.parse(text)).hasToString(text);
    }

    @Test
    void knowsAddressesThatOnlyThisMachineReaches() throws UnknownHostException {
        assertThat(ListenAddress.parse("[::1]:8443").isLoopback()).isTrue();
        assertThat(ListenAddress.parse("0.0.0.0:8443").isLoopback()).isFalse();
    }
}
