// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a connection that a balancer forwards, versions 1 and 2 of HAProxy's PROXY protocol. Additional fields of version 2
 * (TLVs) are skipped unread.
 *
 * @param isLocal whether the balancer speaks for itself, as in health checks
 * @param client the client's address; empty for the balancer itself, and for clients without an IP address
 */
record ProxyHeader(boolean isLocal, Optional<InetSocketAddress> client) {

    /** Headers are a few dozen bytes; certificates of clients that a balancer adds as TLVs stay below it. */
    static final int MAX_BYTES = 4096;

    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final byte[] WORD = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED = 16;
    private static final int MAX_LINE = 107;
    private static final String PORT = "(0|[1-9]\\d{0,4})";
    private static final Pattern LINE =
            Pattern.compile("PROXY (TCP4|TCP6) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+) " + PORT + " " + PORT);

    /** A header that is none, or one that the specification does not allow. */
    static final class MalformedException extends Exception {

        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** Whether bytes begin like a header; no TLS record does. */
    static boolean mayBegin(ByteBuf bytes) {
        return hasPrefixOf(bytes, SIGNATURE) || hasPrefixOf(bytes, WORD);
    }

    /**
     * Reads a header, and no byte behind it.
     *
     * @return null while more bytes are needed
     */
    static @Nullable ProxyHeader read(ByteBuf in) throws MalformedException {
        if (hasPrefixOf(in, SIGNATURE)) {
            return in.readableBytes() < FIXED ? null : readBinary(in);
        }
        if (hasPrefixOf(in, WORD)) {
            return readLine(in);
        }
        throw new MalformedException("its first bytes are no PROXY protocol header");
    }

    private static boolean hasPrefixOf(ByteBuf bytes, byte[] wanted) {
        int length = Math.min(bytes.readableBytes(), wanted.length);
        byte[] beginning = ByteBufUtil.getBytes(bytes, bytes.readerIndex(), length);
        return Arrays.equals(beginning, Arrays.copyOf(wanted, length));
    }

    /** Section 2.2 of the specification. */
    private static @Nullable ProxyHeader readBinary(ByteBuf in) throws MalformedException {
        int start = in.readerIndex() + SIGNATURE.length;
        int versionAndCommand = in.getUnsignedByte(start);
        int familyAndProtocol = in.getUnsignedByte(start + 1);
        int length = in.getUnsignedShort(start + 2);
        if (versionAndCommand >> 4 != 2) {
            throw new MalformedException("its version is " + (versionAndCommand >> 4) + ", not 2");
        }
        int command = versionAndCommand & 0xf;
        if (command > 1) {
            throw new MalformedException("its command is " + command + ", neither LOCAL (0) nor PROXY (1)");
        }
        if (FIXED + length > MAX_BYTES) {
            throw new MalformedException("it has " + (FIXED + length) + " bytes, more than " + MAX_BYTES);
        }
        int addressBytes = command == 0 ? 0 : addressBytes(familyAndProtocol);
        if (length < addressBytes) {
            throw new MalformedException("it ends within its addresses");
        }
        if (in.readableBytes() < FIXED + length) {
            return null;
        }
        in.skipBytes(FIXED);
        ByteBuf body = in.readSlice(length);
        return new ProxyHeader(command == 0, command == 0 ? Optional.empty() : client(familyAndProtocol >> 4, body));
    }

    /** The length of the addresses. A balancer sends 0 for a client that has none which the protocol can say. */
    private static int addressBytes(int familyAndProtocol) throws MalformedException {
        return switch (familyAndProtocol) {
            case 0x00 -> 0;
            case 0x11 -> 12;
            case 0x21 -> 36;
            case 0x31 -> 216;
            default ->
                throw new MalformedException(
                        "its address family and protocol are 0x" + Integer.toHexString(familyAndProtocol)
                                + ", not those of a stream over IPv4, IPv6 or a Unix socket");
        };
    }

    private static Optional<InetSocketAddress> client(int family, ByteBuf body) {
        if (family != 1 && family != 2) {
            return Optional.empty();
        }
        int bytes = family == 1 ? 4 : 16;
        byte[] source = ByteBufUtil.getBytes(body, body.readerIndex(), bytes);
        return Optional.of(new InetSocketAddress(
                Network.canonical(Network.of(source)), body.getUnsignedShort(body.readerIndex() + 2 * bytes)));
    }

    /** Section 2.1. */
    private static @Nullable ProxyHeader readLine(ByteBuf in) throws MalformedException {
        int end = ByteBufUtil.indexOf(
                in, in.readerIndex(), Math.min(in.writerIndex(), in.readerIndex() + MAX_LINE), (byte) '\n');
        if (end < 0) {
            if (in.readableBytes() >= MAX_LINE) {
                throw new MalformedException("its line has more than " + MAX_LINE + " bytes");
            }
            return null;
        }
        String line = in.toString(in.readerIndex(), end - in.readerIndex(), StandardCharsets.ISO_8859_1);
        if (!line.endsWith("\r")) {
            throw new MalformedException("its line ends without a carriage return");
        }
        ProxyHeader header = ofLine(line.substring(0, line.length() - 1));
        in.readerIndex(end + 1);
        return header;
    }

    private static ProxyHeader ofLine(String line) throws MalformedException {
        if (line.equals("PROXY UNKNOWN") || line.startsWith("PROXY UNKNOWN ")) {
            return new ProxyHeader(false, Optional.empty());
        }
        Matcher form = LINE.matcher(line);
        if (!form.matches()) {
            throw new MalformedException("its line is not 'PROXY TCP4|TCP6 CLIENT SERVER PORT PORT'");
        }
        boolean isIpv6 = form.group(1).equals("TCP6");
        byte[] source = Network.literal(form.group(2));
        byte[] destination = Network.literal(form.group(3));
        int port = Integer.parseInt(form.group(4));
        boolean fits = source.length > 0
                && destination.length > 0
                && form.group(2).contains(":") == isIpv6
                && form.group(3).contains(":") == isIpv6
                && port <= 65_535
                && Integer.parseInt(form.group(5)) <= 65_535;
        if (!fits) {
            throw new MalformedException("its line holds no address and port of its family");
        }
        return new ProxyHeader(false, Optional.of(new InetSocketAddress(Network.of(source), port)));
    }
}
