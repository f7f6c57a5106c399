// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts the cursors of lists of which something may be withheld: a backend's cursor is often the name of the next item. A cursor is valid
 * for the owner and the list that it was made for. AES-GCM; the length of a cursor is hidden in steps of 64 bytes. Thread-safe.
 */
public final class CursorSeal {

    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int STEP = 64;

    private final SecureRandom random = new SecureRandom();
    private final SecretKeySpec key;
    private final String server;

    /**
     * Seals with a key that is derived from a secret.
     *
     * @param secret at least 32 bytes; the same for all processes that serve one address
     */
    public CursorSeal(String server, byte[] secret) {
        this.server = server;
        try {
            Mac derivation = Mac.getInstance("HmacSHA256");
            derivation.init(new SecretKeySpec(secret, "HmacSHA256"));
            this.key = new SecretKeySpec(derivation.doFinal("list cursor".getBytes(StandardCharsets.US_ASCII)), "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    String seal(Owner owner, String method, String cursor) {
        byte[] text = cursor.getBytes(StandardCharsets.UTF_8);
        ByteBuffer padded = ByteBuffer.allocate((4 + text.length + STEP - 1) / STEP * STEP);
        padded.putInt(text.length).put(text);
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, owner, method).doFinal(padded.array());
            byte[] whole = Arrays.copyOf(nonce, NONCE + sealed.length);
            System.arraycopy(sealed, 0, whole, NONCE, sealed.length);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /**
     * The backend's cursor.
     *
     * @throws RefusedException when it was not made here, or for another owner or list
     */
    String open(Owner owner, String method, String cursor) {
        try {
            byte[] whole = Base64.getUrlDecoder().decode(cursor);
            if (whole.length < NONCE + TAG_BITS / Byte.SIZE) {
                throw new IllegalArgumentException("shorter than an empty one");
            }
            byte[] nonce = Arrays.copyOf(whole, NONCE);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, nonce, owner, method);
            ByteBuffer padded = ByteBuffer.wrap(cipher.doFinal(whole, NONCE, whole.length - NONCE));
            byte[] text = new byte[padded.getInt()];
            padded.get(text);
            return new String(text, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw RefusedException.invalidParams("the cursor is none of this list's");
        }
    }

    private Cipher cipher(int mode, byte[] nonce, Owner owner, String method) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD((server + '\n' + method + '\n' + owner.text()).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
