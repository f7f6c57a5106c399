// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;

/** An issuer of access tokens on loopback: it publishes one key, and signs what a test wants signed. */
final class LocalIssuer implements AutoCloseable {

    private final KeyPair key;
    private final HttpServer http;

    LocalIssuer() throws Exception {
        KeyPairGenerator keys = KeyPairGenerator.getInstance("EC");
        keys.initialize(new ECGenParameterSpec("secp256r1"));
        key = keys.generateKeyPair();
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/jwks", exchange -> {
            byte[] answer = jwks().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        http.start();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    /** A token of RFC 9068 that is good for an hour, bound to the certificate. */
    String token(String audience, String subject, String scope, X509Certificate bound) throws Exception {
        long now = Instant.now().getEpochSecond();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bound.getEncoded());
        String header = "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"1\"}";
        String claims = """
            {"iss":"%s","sub":"%s","aud":"%s","exp":%d,"iat":%d,"jti":"1","client_id":"planner","scope":"%s",\
            "cnf":{"x5t#S256":"%s"}}\
            """.formatted(url(), subject, audience, now + 3600, now, scope, base64(digest));
        String signed =
                base64(header.getBytes(StandardCharsets.UTF_8)) + '.' + base64(claims.getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + '.' + base64(signature.sign());
    }

    private String jwks() {
        ECPublicKey open = (ECPublicKey) key.getPublic();
        return """
            {"keys":[{"kty":"EC","crv":"P-256","kid":"1","use":"sig","alg":"ES256","x":"%s","y":"%s"}]}\
            """.formatted(
                coordinate(open.getW().getAffineX()), coordinate(open.getW().getAffineY()));
    }

    private static String coordinate(BigInteger value) {
        byte[] bytes = new byte[32];
        byte[] given = value.toByteArray();
        int length = Math.min(32, given.length);
        System.arraycopy(given, given.length - length, bytes, 32 - length, length);
        return base64(bytes);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public void close() throws IOException {
        http.stop(0);
    }
}
