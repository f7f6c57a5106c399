// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.handshake;

import dev.mcpmtls.identity.Sha256;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The first bytes of both directions of a connection, and the id that follows from them. Both ends see the same bytes, so both log the
 * connection under one id: the first 8 octets of the SHA-256 of the ClientHello's random and the ServerHello's random
 * (RFC 8446, section 4.1). Both travel in the clear, so the id is no secret; since each end contributes,
 * neither can choose another connection's.
 */
public final class Hellos {

    private static final int KEPT = 512;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int SERVER_HELLO = 2;
    private static final int RECORD_HEADER = 5;
    private static final int RANDOM_AT = RECORD_HEADER + 4 + 2;
    private static final int RANDOM_LENGTH = 32;
    private static final int ID_LENGTH = 8;

    /** The random of a HelloRetryRequest, which is no ServerHello yet (RFC 8446, section 4.1.3). */
    private static final byte[] RETRY =
            HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    /** An id for a connection whose hellos were not seen; the peer does not know it. */
    public static String ownId() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    /** How many more sent bytes may matter. */
    public int sentWanted() {
        return KEPT - sent.size();
    }

    /** How many more received bytes may matter. */
    public int receivedWanted() {
        return KEPT - received.size();
    }

    /** Hears what our side sends. */
    public void sent(byte[] bytes, int offset, int length) {
        sent.write(bytes, offset, Math.min(length, sentWanted()));
    }

    /** Hears what the other side sends. */
    public void received(byte[] bytes, int offset, int length) {
        received.write(bytes, offset, Math.min(length, receivedWanted()));
    }

    /** The id that the other end knows as well, 16 hexadecimal digits; empty before the ServerHello. */
    public Optional<String> connectionId() {
        return id(sent.toByteArray(), received.toByteArray()).or(() -> id(received.toByteArray(), sent.toByteArray()));
    }

    /** The id under which our side logs the connection: the one that the other end knows as well, else one of our own. */
    public String id() {
        return connectionId().orElseGet(Hellos::ownId);
    }

    private static Optional<String> id(byte[] client, byte[] server) {
        return random(client, CLIENT_HELLO)
                .flatMap(ofClient -> random(server, SERVER_HELLO).map(ofServer -> digest(ofClient, ofServer)));
    }

    private static Optional<byte[]> random(byte[] records, int type) {
        for (int at = 0; at + RANDOM_AT + RANDOM_LENGTH <= records.length; at += RECORD_HEADER + length(records, at)) {
            if (records[at] == HANDSHAKE && records[at + RECORD_HEADER] == type) {
                byte[] random = Arrays.copyOfRange(records, at + RANDOM_AT, at + RANDOM_AT + RANDOM_LENGTH);
                if (!Arrays.equals(random, RETRY)) {
                    return Optional.of(random);
                }
            }
        }
        return Optional.empty();
    }

    private static int length(byte[] records, int at) {
        return (Byte.toUnsignedInt(records[at + 3]) << 8) | Byte.toUnsignedInt(records[at + 4]);
    }

    private static String digest(byte[] client, byte[] server) {
        return HexFormat.of().formatHex(Sha256.of(client, server), 0, ID_LENGTH);
    }
}
