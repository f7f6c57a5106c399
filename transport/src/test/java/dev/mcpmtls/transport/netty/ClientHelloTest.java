// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class ClientHelloTest {

    private static final int RECORD_HEADER = 5;

    private final ClientHello hello = new ClientHello();

    @Test
    void knowsWhatAClientOffersByAlpn() throws Exception {
        assertThat(hello.read(Unpooled.wrappedBuffer(record("h2", "http/1.1")))).isTrue();
        assertThat(hello.applicationProtocols()).containsExactly("h2", "http/1.1");
    }

    @Test
    void knowsThatAClientOffersNothing() throws Exception {
        assertThat(hello.read(Unpooled.wrappedBuffer(record()))).isTrue();
        assertThat(hello.applicationProtocols()).isEmpty();
    }

    @Test
    void putsTogetherWhatComesInOctetsAndInRecordsOfThree() throws Exception {
        ByteBuf octets = inRecordsOf(3, record("ftp"));
        while (octets.readableBytes() > 1) {
            assertThat(hello.read(octets.readSlice(1))).isFalse();
        }
        assertThat(hello.read(octets)).isTrue();
        assertThat(hello.applicationProtocols()).containsExactly("ftp");
    }

    @Test
    void leavesWhatFollowsAlone() throws Exception {
        ByteBuf more = Unpooled.wrappedBuffer(record("h2"), new byte[] {20, 3, 3, 0, 1, 1});
        int there = more.readableBytes();
        assertThat(hello.read(more)).isTrue();
        assertThat(hello.applicationProtocols()).containsExactly("h2");
        assertThat(more.readableBytes()).isEqualTo(there);
    }

    @Test
    void waitsForNothingThatIsNoClientHello() {
        assertThat(hello.read(Unpooled.wrappedBuffer(new byte[] {'G'}))).isTrue();
        assertThat(new ClientHello().read(Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0, 9, 2, 0, 0, 5})))
                .as("a ServerHello")
                .isTrue();
        assertThat(new ClientHello().read(Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 0, 9, 1, 1, 0, 0})))
                .as("64 KB of it")
                .isTrue();
        assertThat(hello.applicationProtocols()).isEmpty();
    }

    @Test
    void isCalmAboutWhatIsMalformed() throws Exception {
        Random random = new Random(7);
        byte[] sound = record("h2", "http/1.1");
        for (int i = 0; i < 20_000; i++) {
            byte[] broken = sound.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            ClientHello any = new ClientHello();
            any.read(Unpooled.wrappedBuffer(broken));
            assertThatCode(any::applicationProtocols).doesNotThrowAnyException();
        }
    }

    private static byte[] record(String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        byte[] octets = new byte[record.flip().remaining()];
        record.get(octets);
        return octets;
    }

    private static ByteBuf inRecordsOf(int size, byte[] record) {
        ByteBuf message = Unpooled.wrappedBuffer(record).skipBytes(RECORD_HEADER);
        ByteBuf records = Unpooled.buffer();
        while (message.isReadable()) {
            int part = Math.min(size, message.readableBytes());
            records.writeByte(22).writeShort(0x0301).writeShort(part).writeBytes(message, part);
        }
        return records;
    }
}
