// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.Sha256;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Everything that a machine needs to join, as one word: where the authority is, which key it signs with, and an invitation. A secret: its
 * text form shows the id alone.
 *
 * <p>The form is {@code mcpmtls1_} and, in base64url: 32 bytes SHA-256 of the authority's public key (its SubjectPublicKeyInfo), 32 bytes
 * secret, 5 bytes id, one byte length of the name, the name, the URL, and a checksum. The checksum, 4 bytes of the SHA-256 of all this,
 * shows when a word was cut off.
 */
public final class JoinToken {

    /** The beginning of every token. */
    public static final String PREFIX = "mcpmtls1_";

    private static final int MOST_CHARACTERS = 1_000;
    private static final int PIN_BYTES = 32;
    private static final int SECRET_BYTES = 32;
    private static final int ID_BYTES = 5;
    private static final int CHECK_BYTES = 4;
    private static final int LEAST_BYTES = PIN_BYTES + SECRET_BYTES + ID_BYTES + 1 + CHECK_BYTES;

    private final URI authority;
    private final PublicKeyPin pin;
    private final String id;
    private final byte[] secret;
    private final String name;

    /**
     * A token.
     *
     * @param authority for example {@code https://authority.example.org:8440}
     * @param pin of the key of the authority's trust anchor
     * @param id of the invitation, ten hexadecimal digits
     * @param secret of the invitation, 32 bytes
     * @param name that the operator granted
     */
    public JoinToken(URI authority, PublicKeyPin pin, String id, byte[] secret, String name) {
        this.authority = authority;
        this.pin = pin;
        this.id = id;
        this.secret = secret.clone();
        this.name = name;
    }

    /**
     * Reads a token; white space around it and line breaks in it, as terminals and mail make them, are ignored.
     *
     * @throws UnusableTokenException when it is not a whole token; the message does not quote it
     */
    public static JoinToken parse(String text) {
        String word = text.replaceAll("\\s", "");
        if (!word.startsWith(PREFIX) || word.length() > MOST_CHARACTERS) {
            throw new UnusableTokenException("there is no token: a token begins with " + PREFIX
                    + "; copy the whole word that the invitation printed");
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(word.substring(PREFIX.length()));
            if (bytes.length < LEAST_BYTES) {
                throw damaged();
            }
            byte[] content = Arrays.copyOf(bytes, bytes.length - CHECK_BYTES);
            byte[] check = Arrays.copyOfRange(bytes, content.length, bytes.length);
            if (!Arrays.equals(check, check(content))) {
                throw damaged();
            }
            return read(ByteBuffer.wrap(content));
        } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
            throw damaged();
        }
    }

    private static JoinToken read(ByteBuffer content) {
        byte[] pin = take(content, PIN_BYTES);
        byte[] secret = take(content, SECRET_BYTES);
        String id = HexFormat.of().formatHex(take(content, ID_BYTES));
        String name = new String(take(content, Byte.toUnsignedInt(content.get())), StandardCharsets.UTF_8);
        URI authority = URI.create(new String(take(content, content.remaining()), StandardCharsets.UTF_8));
        if (!"https".equals(authority.getScheme()) || authority.getHost() == null) {
            throw damaged();
        }
        return new JoinToken(
                authority, PublicKeyPin.parse("sha256/" + Base64.getEncoder().encodeToString(pin)), id, secret, name);
    }

    private static byte[] take(ByteBuffer content, int length) {
        byte[] bytes = new byte[length];
        content.get(bytes);
        return bytes;
    }

    private static UnusableTokenException damaged() {
        return new UnusableTokenException("the token is damaged or cut off; copy it again, as one word");
    }

    /** The word that is given to the other machine. */
    public String secretText() {
        byte[] named = name.getBytes(StandardCharsets.UTF_8);
        byte[] address = authority.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer content =
                ByteBuffer.allocate(PIN_BYTES + SECRET_BYTES + ID_BYTES + 1 + named.length + address.length);
        content.put(Base64.getDecoder().decode(pin.text().substring(pin.text().indexOf('/') + 1)))
                .put(secret)
                .put(HexFormat.of().parseHex(id))
                .put((byte) named.length)
                .put(named)
                .put(address);
        byte[] whole = Arrays.copyOf(content.array(), content.capacity() + CHECK_BYTES);
        System.arraycopy(check(content.array()), 0, whole, content.capacity(), CHECK_BYTES);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
    }

    private static byte[] check(byte[] content) {
        return Arrays.copyOf(Sha256.of(content), CHECK_BYTES);
    }

    /** Where the authority is. */
    public URI authority() {
        return authority;
    }

    /** The pin of the key of the authority's trust anchor. */
    public PublicKeyPin pin() {
        return pin;
    }

    /** The invitation's id, which is not secret. */
    public String id() {
        return id;
    }

    /** The name that the operator granted. */
    public String name() {
        return name;
    }

    /** The password for HTTP Basic, whose user is the id. */
    public String password() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    @Override
    public String toString() {
        return "JoinToken[" + id + ", secret redacted]";
    }
}
