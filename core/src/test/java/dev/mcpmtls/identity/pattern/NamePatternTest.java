// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.DnsName;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {

    private static final String PIN = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    @ParameterizedTest
    @CsvSource({
        "spiffe://demo.local/agent/*, spiffe://demo.local/agent/a",
        "spiffe://DEMO.local/agent/*, spiffe://demo.LOCAL/agent/a",
        "spiffe://demo.local/**, spiffe://demo.local/agent/a/b",
        "spiffe://demo.local, spiffe://demo.local",
        "spiffe://*, spiffe://demo.local",
        "spiffe://**, spiffe://demo.local/a/b",
        "spiffe://*/agent/*, spiffe://a.b/agent/x",
        "spiffe://*.local/a, spiffe://x.y.local/a",
        "spiffe://d**, spiffe://demo.local/a/b",
        "spiffe://**/Foo, spiffe://x/Foo",
        "spiffe://a/.*, spiffe://a/.x",
        "dns:*.example.com, dns:a.example.com",
        "dns:WEB-*.example.com, dns:web-1.Example.com",
        "dns:**.example.com, dns:a.b.example.com",
        "dns:*, dns:localhost",
        "ip:10.0.0.0/8, ip:10.255.0.1",
        "ip:10.1.2.3, ip:10.1.2.3",
        "ip:0.0.0.0/0, ip:1.2.3.4",
        "ip:2001:db8::/32, ip:2001:db8:1::1",
        "ip:::1, ip:0:0:0:0:0:0:0:1",
        "ip:::/0, ip:::1",
        "pin:" + PIN + ", pin:" + PIN,
    })
    void matches(String pattern, String name) throws UnknownHostException {
        assertThat(NamePattern.parse(pattern).matches(name(name))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "spiffe://demo.local/agent/*, spiffe://demo.local/agent/a/b",
        "spiffe://demo.local/agent/*, spiffe://demo.local/agent",
        "spiffe://demo.local/**, spiffe://demo.local",
        "spiffe://demo.local/Agent, spiffe://demo.local/agent",
        "spiffe://demo.local/*, spiffe://demo.local.evil/a",
        "spiffe://*, spiffe://demo.local/a",
        "spiffe://*/a, spiffe://x/y/a",
        "dns:*.example.com, dns:a.b.example.com",
        "dns:*.example.com, dns:example.com",
        "dns:**.example.com, dns:example.com",
        "dns:*, dns:a.b",
        "dns:a.b, spiffe://a.b",
        "ip:10.0.0.0/8, ip:11.0.0.1",
        "ip:0.0.0.0/0, ip:::1",
        "ip:::/0, ip:1.2.3.4",
        "ip:10.1.2.2/31, ip:10.1.2.4",
        "pin:" + PIN + ", pin:sha256/BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    })
    void doesNotMatch(String pattern, String name) throws UnknownHostException {
        assertThat(NamePattern.parse(pattern).matches(name(name))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "agent/*",
                "*",
                "**",
                "coordinator",
                "SPIFFE://a/b",
                "dns",
                "https://a",
                "spiffe://",
                "spiffe:///a",
                "spiffe://a//b",
                "spiffe://a/",
                "spiffe://a/**/",
                "spiffe://a/../b",
                "spiffe://a/./b",
                "spiffe://a/b c",
                "spiffe://a:80/b",
                "spiffe://a/b?c",
                "spiffe://a/%41",
                "spiffe://**Foo/bar",
                "spiffe://ä/b",
                "dns:",
                "dns:a..b",
                "dns:.a",
                "dns:a.",
                "dns:-a",
                "dns:a-.b",
                "dns:*-",
                "dns:a b",
                "dns:ä",
                "dns:a/b",
                "ip:",
                "ip:10.0.0.1/8",
                "ip:10.0.0.0/33",
                "ip:10.0.0.0/",
                "ip:10.0.0.0/08",
                "ip:10.0.0",
                "ip:10.0.0.256",
                "ip:010.0.0.1",
                "ip:10.*",
                "ip:localhost",
                "ip:::1/64",
                "ip:::ffff:1.2.3.4",
                "ip:::ffff:0:0/96",
                "ip:fe80::1%1",
                "ip:1:2",
                "pin:",
                "pin:sha256/",
                "pin:sha256/AAAA",
                "pin:sha256/*",
                "pin:*",
                "pin:sha1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "pin:sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
                "",
            })
    void refusesAPatternThatNoNameCanHave(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamePattern.parse(pattern))
                .withMessageContaining("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "spiffe://a/**, spiffe://a/b/*, true",
        "spiffe://a/*, spiffe://a/**, false",
        "dns:**, dns:*.x, true",
        "ip:10.0.0.0/8, ip:10.1.0.0/16, true",
        "ip:10.1.0.0/16, ip:10.0.0.0/8, false",
        "ip:10.0.0.0/8, dns:*, false",
    })
    void coversAnother(String one, String other, boolean covers) {
        assertThat(NamePattern.parse(one).covers(NamePattern.parse(other))).isEqualTo(covers);
    }

    private static Identity name(String text) throws UnknownHostException {
        if (text.startsWith("spiffe:")) {
            return SpiffeId.parse(text);
        }
        String rest = text.substring(text.indexOf(':') + 1);
        return switch (text.substring(0, text.indexOf(':'))) {
            case "dns" -> DnsName.parse(rest);
            case "ip" ->
                AlternativeNames.ip(InetAddress.getByName(rest).getAddress()).orElseThrow();
            default -> PublicKeyPin.parse(rest);
        };
    }
}
