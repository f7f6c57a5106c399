// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The opaque {@code requestState} of multi round-trip requests: the client's answers of earlier rounds, signed. It is valid for one caller,
 * for the same request, and for a limited time; within that time the caller may use it again. It is not secret, because it holds only the
 * client's own answers.
 */
public final class RequestState {

    /** Parameters that belong to the round, not to the request. */
    private static final Set<String> ROUND_PARAMETERS = Set.of("_meta", "inputResponses", "requestState");

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final String server;
    private final SecretKeySpec key;
    private final Json json;
    private final Duration lifetime;
    private final InstantSource clock;

    /**
     * Signs with this key.
     *
     * @param server the server's name; servers that share a key do not take each other's states
     * @param key at least 32 bytes; the same for all processes that serve one address
     */
    public RequestState(String server, byte[] key, Json json, Duration lifetime, InstantSource clock) {
        this.server = server;
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.json = json;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** A state that carries these answers. */
    String seal(Owner owner, JsonRpcMessage.Request request, Map<String, Object> answers) {
        Map<String, Object> content = Map.of(
                "until", clock.instant().plus(lifetime).getEpochSecond(),
                "owner", owner.text(),
                "request", digest(request),
                "answers", answers);
        byte[] payload = json.write(content);
        return ENCODER.encodeToString(payload) + "." + ENCODER.encodeToString(sign(payload));
    }

    /**
     * The answers that a state carries.
     *
     * @throws RefusedException when it is not ours, not this caller's, not this request's, or too old
     */
    Map<String, Object> open(Owner owner, JsonRpcMessage.Request request, String state) {
        Map<String, Object> content = json.read(Json.text(verified(state)));
        boolean same =
                owner.text().equals(content.get("owner")) && digest(request).equals(content.get("request"));
        boolean fresh = content.get("until") instanceof Number until
                && clock.instant().isBefore(Instant.ofEpochSecond(until.longValue()));
        if (!same || !fresh) {
            throw invalid();
        }
        return JsonRpcMessage.object(content.get("answers"));
    }

    private byte[] verified(String state) {
        int dot = state.indexOf('.');
        if (dot < 0) {
            throw invalid();
        }
        try {
            byte[] payload = decode(state.substring(0, dot));
            if (!MessageDigest.isEqual(sign(payload), decode(state.substring(dot + 1)))) {
                throw invalid();
            }
            return payload;
        } catch (IllegalArgumentException e) {
            throw invalid();
        }
    }

    private static byte[] decode(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (!ENCODER.encodeToString(bytes).equals(text)) {
            throw invalid();
        }
        return bytes;
    }

    private byte[] sign(byte[] payload) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(payload);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** One text per method and parameters, whatever their order; what changes between the rounds is left out. */
    private String digest(JsonRpcMessage.Request request) {
        Map<String, Object> salient = new TreeMap<>(request.params());
        salient.keySet().removeAll(ROUND_PARAMETERS);
        byte[] text = (json.canonical(server) + "\n" + request.method() + "\n" + json.canonical(salient))
                .getBytes(StandardCharsets.UTF_8);
        return ENCODER.encodeToString(sign(text));
    }

    private static RefusedException invalid() {
        // One answer for every reason: a forger learns nothing from it.
        return RefusedException.invalidParams(
                "the requestState is not valid for this caller and this request, or no longer");
    }
}
