// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each header is read from its bytes alone, however they arrive, and never a byte further. */
class ProxyHeaderTest {

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String BEHIND = "160301";

    @ParameterizedTest
    @CsvSource({
        // TCP over IPv4; with an unknown and a malformed TLV; over IPv6; IPv4 as IPv6
        "21 11 000c c0000207 c0000201 d431 01bb, 192.0.2.7:54321",
        "21 11 0013 c0000207 c0000201 d431 01bb e0ffff01020304, 192.0.2.7:54321",
        "21 21 0024 20010db8000000000000000000000007 20010db8000000000000000000000001 d431 01bb, 2001:db8:0:0:0:0:0:7:54321",
        "21 21 0024 00000000000000000000ffffc0000207 00000000000000000000ffffc0000201 d431 01bb, 192.0.2.7:54321",
    })
    void readsTheClientOfAStream(String header, String client) throws Exception {
        assertThat(read(header).client())
                .map(address -> address.getAddress().getHostAddress() + ":" + address.getPort())
                .contains(client);
        assertThat(read(header).isLocal()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"21 00 0000", "21 00 0003 000000"})
    void aClientWithoutAnAddressOfInternetHasNone(String header) throws Exception {
        assertThat(read(header).client()).isEmpty();
        assertThat(read("21 31 00d8" + "61".repeat(216)).client()).isEmpty();
    }

    /** The receiver uses the real address and skips what the header holds. */
    @ParameterizedTest
    @ValueSource(strings = {"20 00 0000", "20 11 000c c0000207 c0000201 d431 01bb", "20 ff 0001 00"})
    void aBalancerSpeaksForItself(String header) throws Exception {
        assertThat(read(header)).isEqualTo(new ProxyHeader(true, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "11 11 000c, version is 1",
        "31 11 000c, version is 3",
        "22 11 000c, command is 2",
        "21 12 000c, 0x12", // datagrams
        "21 10 000c, 0x10",
        "21 22 0024, 0x22",
        "21 32 00d8, 0x32",
        "21 41 000c, 0x41",
        "21 01 0000, 0x1",
        "21 11 000b, within its addresses",
        "21 11 0000, within its addresses",
        "21 21 000c, within its addresses",
        "21 31 0024, within its addresses",
        "21 11 0ff1, more than 4096",
        "21 11 ffff, more than 4096",
        "20 00 ffff, more than 4096"
    })
    void refusesWhatTheSpecificationDoesNotAllowBeforeMoreIsRead(String head, String why) {
        assertThatThrownBy(() -> ProxyHeader.read(bytes(SIGNATURE + head)))
                .isInstanceOf(ProxyHeader.MalformedException.class)
                .hasMessageContaining(why);
    }

    @Test
    void takesAHeaderOfTheLargestSize() throws Exception {
        assertThat(read("21 11 0ff0 c0000207 c0000201 d431 01bb" + "00".repeat(0xff0 - 12))
                        .client())
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 192.0.2.7 192.0.2.1 54321 443, 192.0.2.7:54321",
        "PROXY TCP6 2001:db8::7 2001:db8::1 54321 443, 2001:db8:0:0:0:0:0:7:54321",
        "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535, "
                + "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:65535",
        "PROXY TCP4 192.0.2.7 192.0.2.1 0 443, 192.0.2.7:0"
    })
    void readsALineOfVersion1(String line, String client) throws Exception {
        assertThat(readLine(line).client())
                .map(address -> address.getAddress().getHostAddress() + ":" + address.getPort())
                .contains(client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROXY UNKNOWN", "PROXY UNKNOWN ffff::1 anything at all"})
    void aLineMayNameNoClient(String line) throws Exception {
        assertThat(readLine(line)).isEqualTo(new ProxyHeader(false, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY \r\n",
                "PROXY TCP4\r\n",
                "PROXY TCP5 192.0.2.7 192.0.2.1 1 2\r\n",
                "PROXY UNKNOWNS\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1 2\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1 2 \r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1 2 3\r\n",
                "PROXY TCP4  192.0.2.7 192.0.2.1 1 2\r\n",
                "PROXY TCP4\t192.0.2.7 192.0.2.1 1 2\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1 65536\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 65536 1\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 01 1\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 -1 1\r\n",
                "PROXY TCP4 192.0.2 192.0.2.1 1 1\r\n",
                "PROXY TCP4 192.0.2.256 192.0.2.1 1 1\r\n",
                "PROXY TCP4 2001:db8::7 2001:db8::1 1 1\r\n",
                "PROXY TCP6 192.0.2.7 192.0.2.1 1 1\r\n",
                "PROXY TCP6 2001:db8::7 192.0.2.1 1 1\r\n",
                "PROXY TCP6 :::7 ::1 1 1\r\n",
                "PROXY TCP4 localhost localhost 1 1\r\n",
                "PROXY TCP4 192.0.2.7\u0000 192.0.2.1 1 1\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 1 1\r\r\n",
                "PROXY UNKNOWN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                "PROXIES TCP4 192.0.2.7 192.0.2.1 1 1\r\n",
                "GET / HTTP/1.1\r\n",
                "\u0016\u0003\u0001"
            })
    void refusesAnotherLine(String line) {
        assertThatThrownBy(() -> ProxyHeader.read(Unpooled.copiedBuffer(line, StandardCharsets.ISO_8859_1)))
                .isInstanceOf(ProxyHeader.MalformedException.class);
    }

    private static ProxyHeader readLine(String line) throws Exception {
        return whole(HexFormat.of().formatHex((line + "\r\n").getBytes(StandardCharsets.US_ASCII)));
    }

    private static ProxyHeader read(String header) throws Exception {
        return whole(SIGNATURE + header);
    }

    /** Each shorter beginning is not enough, and the bytes behind it stay. */
    private static ProxyHeader whole(String header) throws Exception {
        ByteBuf all = bytes(header + BEHIND);
        int length = all.readableBytes() - BEHIND.length() / 2;
        for (int i = 0; i < length; i++) {
            ByteBuf beginning = all.slice(0, i);
            assertThat(ProxyHeader.read(beginning)).isNull();
            assertThat(beginning.readerIndex()).isZero();
        }
        ProxyHeader read = ProxyHeader.read(all);
        assertThat(all.readerIndex()).isEqualTo(length);
        assertThat(read).isNotNull();
        return read;
    }

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }
}
