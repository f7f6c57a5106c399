// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.transport.server.caller.Owner;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Session ids sealed with AES-GCM. A process that has the key reads from one the owner, the expiry, and the state to continue with. The
 * owner is part of the authenticated data. The ids of the last hundred thousand sessions that ended here stay unknown here until they would
 * have expired. Thread-safe.
 */
public final class SessionTokens {

    private static final Duration LIFETIME = Duration.ofHours(24);
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int MAX_TOKEN = 4096;
    private static final int MAX_OPENED = 1_000;

    /** As many take some 15 MB. */
    static final int MAX_ENDED = 100_000;

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final String server;
    private final SecretKeySpec key;
    private final InstantSource clock;
    private final Json json = new Json(4, MAX_TOKEN);
    private final SecureRandom random = new SecureRandom();

    // Clients open and end as many as they like. Its owner alone could resume a session that is forgotten.
    private final Map<String, Long> ended = Collections.synchronizedMap(new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_ENDED;
        }
    });

    // A fifth of a proxied call's processor time would go into opening its token, which is the same for all calls of a
    // session.
    private final Map<Presented, Opened> opened = new ConcurrentHashMap<>();

    private record Presented(String owner, String token) {}

    private record Opened(Content content, Instant until) {}

    /**
     * A session, as its token says it.
     *
     * @param version the protocol version that was negotiated
     * @param resumption how a backend goes on with it; null when only the process that opened it can
     */
    record Content(String id, String version, @Nullable String resumption) {}

    /**
     * Seals under a key.
     *
     * @param server the server's name; servers that share a key do not take each other's tokens
     * @param key at least 32 bytes; the same for all processes that serve one address
     */
    public SessionTokens(String server, byte[] key, InstantSource clock) {
        this.server = server;
        this.key = new SecretKeySpec(derived(key), "AES");
        this.clock = clock;
    }

    private static byte[] derived(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal("session tokens".getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    String seal(Owner owner, Content content) {
        long until = clock.instant().plus(LIFETIME).getEpochSecond();
        byte[] plain = json.write(Map.of(
                "i",
                content.id(),
                "v",
                content.version(),
                "u",
                until,
                "r",
                content.resumption() == null ? "" : content.resumption()));
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, owner, plain, 0).orElseThrow();
        byte[] token = Arrays.copyOf(nonce, NONCE + sealed.length);
        System.arraycopy(sealed, 0, token, NONCE, sealed.length);
        return ENCODER.encodeToString(token);
    }

    /** The session of a token; empty when it is not ours, not this owner's, altered, expired, or of a session that was ended here. */
    Optional<Content> open(Owner owner, String token) {
        Presented presented = new Presented(owner.text(), token);
        Opened known = opened.get(presented);
        return (known == null ? unsealed(owner, token) : Optional.of(known))
                .filter(found -> clock.instant().isBefore(found.until()))
                .filter(found -> !ended.containsKey(found.content().id()))
                .map(found -> {
                    if (known == null) {
                        remember(presented, found);
                    }
                    return found.content();
                });
    }

    private Optional<Opened> unsealed(Owner owner, String token) {
        return token.length() > MAX_TOKEN
                ? Optional.empty()
                : decoded(token)
                        .flatMap(bytes -> cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(bytes, NONCE), owner, bytes, NONCE))
                        .map(this::content);
    }

    private void remember(Presented presented, Opened found) {
        if (opened.size() >= MAX_OPENED) {
            opened.clear();
        }
        opened.put(presented, found);
    }

    private Opened content(byte[] plain) {
        Map<String, Object> said = json.read(Json.text(plain));
        long until = said.get("u") instanceof Number number ? number.longValue() : 0;
        String resumption = String.valueOf(said.get("r"));
        return new Opened(
                new Content(
                        String.valueOf(said.get("i")),
                        String.valueOf(said.get("v")),
                        resumption.isEmpty() ? null : resumption),
                Instant.ofEpochSecond(until));
    }

    private static Optional<byte[]> decoded(String token) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token);
            boolean canonical = ENCODER.encodeToString(bytes).equals(token);
            return canonical && bytes.length >= NONCE + TAG_BITS / Byte.SIZE ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> cipher(int mode, byte[] nonce, Owner owner, byte[] input, int from) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD((server + '\n' + owner.text()).getBytes(StandardCharsets.UTF_8));
            return Optional.of(cipher.doFinal(input, from, input.length - from));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** A session has ended here: its token is good for nothing any more. */
    void ended(String id) {
        ended.put(id, clock.instant().plus(LIFETIME).getEpochSecond());
    }

    /** Forgets those whose tokens have expired by now. */
    public void sweep() {
        long now = clock.instant().getEpochSecond();
        ended.values().removeIf(until -> until <= now);
        opened.values().removeIf(known -> known.until().getEpochSecond() <= now);
    }
}
