// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerUrlTest {

    @ParameterizedTest
    @CsvSource({
        "https://localhost:8443/mcp, https://localhost:8443/mcp",
        "HTTPS://LOCALHOST:8443/mcp, https://LOCALHOST:8443/mcp",
        "https://localhost, https://localhost/mcp",
        "https://localhost?a=b, https://localhost/mcp?a=b",
        "https://localhost/, https://localhost/",
        "https://localhost.:8443/mcp, https://localhost:8443/mcp",
        "https://127.0.0.1:1, https://127.0.0.1:1/mcp",
        "https://[::1]:65535/x, https://[::1]:65535/x",
        "https://xn--bcher-kva.example/mcp, https://xn--bcher-kva.example/mcp",
        "https://a.b-c.example:08443, https://a.b-c.example:8443/mcp",
    })
    void readsWhatCanBeDialled(String text, String url) {
        assertThat(ServerUrl.parse(text)).hasToString(url);
        assertThat(ServerUrl.parse(text).getHost()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://localhost:99999/mcp | the port '99999'",
                "https://localhost:65536/mcp | the port '65536'",
                "https://localhost:4294967297/mcp | the port '4294967297'",
                "https://localhost:-1/mcp | the port '-1'",
                "https://localhost:0/mcp | the port '0'",
                "https://localhost:http/mcp | the port 'http'",
                "https://localhost:8443x | the port '8443x'",
                "https://localhost:/mcp | no port after its ':'",
                "https://::1:8443/mcp | IPv6 address without brackets",
                "https://fe80::1/mcp | IPv6 address without brackets",
                "https://[::1/mcp | brackets that do not enclose",
                "https://[localhost]:1/mcp | no IPv6 address in its brackets",
                "https://[::zz]:1/mcp | no IPv6 address in its brackets",
                "https://[fe80::1%25eth0]:1/mcp | a zone",
                "https://[fe80::1%eth0]:1/mcp | a zone",
                "https://:8443/mcp | names no host",
                "https:///mcp | names no host",
                "https://./mcp | no host name",
                "https://a..b/mcp | no host name",
                "https://-a/mcp | no host name",
                "https://a-/mcp | no host name",
                "https://256.1.1.1/mcp | no IPv4 address",
                "https://1.2.3/mcp | no IPv4 address",
                "https://my_service:8443/mcp | an underscore",
                "https://b\u00fccher.example/mcp | xn--bcher-kva.example",
                "https://loc%61lhost/mcp | percent-encoded host",
                "https://a b/mcp | a blank",
                "https://a/m cp | a blank",
                "https://a/m\u0007x | a control character",
                "https://a/<x> | percent-encoded",
                "https://a/mcp#x | a fragment",
                "https://me@a/mcp | a user name",
                "http://a/mcp | plain HTTP",
                "ftp://a/mcp | only https://",
                "wss://a/mcp | only https://",
                "https:/a/mcp | two slashes",
                "https:a | two slashes",
                "localhost:8443 | does not begin with https://",
                "//a/mcp | does not begin with https://",
                "a/mcp | does not begin with https://",
            })
    void saysWhatIsWrongWithOthers(String text, String why) {
        assertThatThrownBy(() -> ServerUrl.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("https://");
    }

    @Test
    void doesNotRepeatAPassword() {
        assertThatThrownBy(() -> ServerUrl.parse("https://me:secret@a/mcp"))
                .hasMessageContaining("a user name")
                .hasMessageNotContaining("secret");
    }

    @Test
    void boundsWhatItReads() {
        assertThatThrownBy(() -> ServerUrl.parse("https://a/" + "x".repeat(3000)))
                .hasMessageContaining("2048")
                .hasMessageMatching("(?s).{0,500}");
    }
}
