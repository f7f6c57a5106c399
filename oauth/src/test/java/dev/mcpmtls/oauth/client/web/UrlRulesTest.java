// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlRulesTest {

    private static final URI PUBLIC_SERVER = URI.create("https://203.0.113.7/mcp");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "[::1]",
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
                "[fe80::1]",
                "[fd00:ec2::254]",
                "[::ffff:10.0.0.1]",
                "[64:ff9b::a00:1]",
                "[2002:a00:1::]",
                "[::]",
                "224.0.0.1",
                "255.255.255.255",
                "198.18.0.1",
                "localhost",
                "LOCALHOST",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::127.0.0.1]",
                "[64:ff9b::7f00:1]",
                "[2002:7f00:1::]",
                "[2001::1]",
                "[fec0::1]",
                "[ff02::1]",
                "192.0.0.192"
            })
    void refusesAddressesThatOnlyThisClientReaches(String host) {
        UrlRules rules = new UrlRules(PUBLIC_SERVER, Set.of(), Set.of());

        assertThatThrownBy(() -> rules.require("it", "https://" + host + "/"))
                .isInstanceOf(NoTokenException.class)
                .hasMessageContaining("address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://2130706433/",
                "https://0x7f.0.0.1/",
                "https://127.1/",
                "https://user@203.0.113.9/",
                "https://user:secret@203.0.113.9/",
                "https://127.0.0.1\\@203.0.113.9/",
                "https://203.0.113.9#@127.0.0.1/",
                "https://\uff11\uff12\uff17.0.0.1/",
                "https://203.0.113.9:0/",
                "https://203.0.113.9:65536/",
                "https://203.0.113.9:99999/",
                "https:///x",
                "https:203.0.113.9",
                "http://203.0.113.9/",
                "file:///etc/passwd",
                "file://203.0.113.9/etc/passwd",
                "jar:https://203.0.113.9/x!/y",
                "ftp://203.0.113.9/",
                "//203.0.113.9/",
                "javascript:alert(1)",
                " https://203.0.113.9/",
                ""
            })
    void refusesOtherWaysToWriteAnAddress(String url) {
        UrlRules rules = new UrlRules(PUBLIC_SERVER, Set.of(), Set.of());

        assertThatThrownBy(() -> rules.require("it", url))
                .isInstanceOfSatisfying(
                        NoTokenException.class,
                        refused -> assertThat(refused.why()).isEqualTo(NoTokenException.Why.ADDRESS));
    }

    /** Resolvers differ: some know such a name for this machine's, others know none. */
    @ParameterizedTest
    @ValueSource(strings = {"https://0x7f000001/", "https://[fe80::1%25lo]/", "https://localhost./"})
    void asksNothingThatAResolverMayTakeForThisMachine(String url) {
        UrlRules rules = new UrlRules(PUBLIC_SERVER, Set.of(), Set.of());

        assertThatThrownBy(() -> rules.require("it", url)).isInstanceOf(NoTokenException.class);
    }

    /** As the JDK's own client reads it, which then asks the same address. */
    @Test
    void readsOctalDigitsAsTheClientDoes() throws Exception {
        UrlRules rules = new UrlRules(
                PUBLIC_SERVER, Set.of(), Set.of(), host -> new InetAddress[] {InetAddress.getByName("177.0.0.1")});

        assertThat(rules.require("it", "https://0177.0.0.1/")).hasHost("0177.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.9", "[2606:4700::1]", "100.128.0.1", "172.32.0.1"})
    void asksPublicAddresses(String host) {
        assertThat(new UrlRules(PUBLIC_SERVER, Set.of(), Set.of()).require("it", "https://" + host + "/x"))
                .hasHost(host);
    }

    @Test
    void looksAtEachAddressOfAName() {
        UrlRules rules = new UrlRules(
                PUBLIC_SERVER,
                Set.of(),
                Set.of(),
                host -> host.equals("both.example")
                        ? new InetAddress[] {InetAddress.getByName("203.0.113.1"), InetAddress.getByName("127.0.0.1")}
                        : InetAddress.getAllByName(host));

        assertThatThrownBy(() -> rules.require("it", "https://both.example/")).isInstanceOf(NoTokenException.class);
    }

    @Test
    void asksWhereTheServerItselfIs() {
        UrlRules atLoopback = new UrlRules(URI.create("https://127.0.0.1/mcp"), Set.of(), Set.of());

        assertThat(atLoopback.require("it", "https://127.0.0.2/")).isNotNull();
        assertThatThrownBy(() -> atLoopback.require("it", "https://10.0.0.1/")).isInstanceOf(NoTokenException.class);
        assertThatThrownBy(() -> atLoopback.require("it", "https://169.254.169.254/"))
                .isInstanceOf(NoTokenException.class);
    }

    @Test
    void asksHostsThatTheOperatorChose() {
        UrlRules rules = new UrlRules(PUBLIC_SERVER, Set.of(URI.create("https://10.0.0.1/realm")), Set.of());

        assertThat(rules.require("it", "https://10.0.0.1:8443/token")).isNotNull();
        assertThatThrownBy(() -> rules.require("it", "https://10.0.0.2/")).isInstanceOf(NoTokenException.class);
    }

    @Test
    void speaksPlainHttpToLoopbackAloneAndWhenToldTo() {
        UrlRules strict = new UrlRules(URI.create("https://127.0.0.1/mcp"), Set.of(), Set.of());
        UrlRules relaxed =
                new UrlRules(URI.create("https://127.0.0.1/mcp"), Set.of(), Set.of(Relaxation.PLAIN_LOOPBACK));

        assertThatThrownBy(() -> strict.require("it", "http://127.0.0.1/")).hasMessageContaining("https");
        assertThat(relaxed.require("it", "http://127.0.0.1/")).isNotNull();
        assertThatThrownBy(() -> relaxed.require("it", "http://203.0.113.1/")).hasMessageContaining("loopback");
    }

    @Test
    void hasAPrivateNetworkAllowedButNoMetadataService() {
        UrlRules relaxed = new UrlRules(PUBLIC_SERVER, Set.of(), Set.of(Relaxation.PRIVATE_ADDRESSES));

        assertThat(relaxed.require("it", "https://10.0.0.1/")).isNotNull();
        assertThatThrownBy(() -> relaxed.require("it", "https://169.254.169.254/"))
                .isInstanceOf(NoTokenException.class);
    }

    @Test
    void showsNoControlCharactersOfAUrl() {
        Map.of("https://a.example/\u001b[2J", "\u001b", "https://a.example/" + "x".repeat(5_000), "x".repeat(600))
                .forEach((url, shown) -> assertThatThrownBy(
                                () -> new UrlRules(PUBLIC_SERVER, Set.of(), Set.of()).require("it", url))
                        .isInstanceOf(NoTokenException.class)
                        .message()
                        .doesNotContain(shown));
    }
}
