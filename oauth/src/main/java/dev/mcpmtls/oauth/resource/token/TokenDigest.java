// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import dev.mcpmtls.identity.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The SHA-256 of a token: what is remembered in its place. */
public record TokenDigest(ByteBuffer octets) {

    /** The digest of a token. */
    public static TokenDigest of(String token) {
        return new TokenDigest(ByteBuffer.wrap(Sha256.of(token.getBytes(StandardCharsets.UTF_8))));
    }
}
