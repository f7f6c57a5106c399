// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.JWTAuthenticationClaimsSet;
import com.nimbusds.oauth2.sdk.auth.PKITLSClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.auth.SelfSignedTLSClientAuthentication;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.id.ClientID;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import java.util.Optional;

/** Chooses how a client authenticates, among what the authorization server takes. */
final class Authenticator {

    private static final int P384 = 384;
    private static final int P521 = 521;

    private Authenticator() {}

    /**
     * The client's authentication; empty for a public client.
     *
     * @param methods that the authorization server takes
     * @param audience its issuer
     */
    static Optional<com.nimbusds.oauth2.sdk.auth.ClientAuthentication> of(
            Client client, List<ClientAuthenticationMethod> methods, String audience, X509Certificate certificate) {
        ClientID id = new ClientID(client.id());
        ClientAuthentication wanted = client.authentication();
        if (wanted instanceof ClientAuthentication.Secret secret) {
            return Optional.of(withSecret(id, secret, methods, audience));
        }
        if (wanted instanceof ClientAuthentication.Key key) {
            return Optional.of(signed(id, key, audience));
        }
        if (wanted instanceof ClientAuthentication.Certificate) {
            boolean isPinned = methods.contains(ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH)
                    && !methods.contains(ClientAuthenticationMethod.TLS_CLIENT_AUTH);
            return Optional.of(
                    isPinned
                            ? new SelfSignedTLSClientAuthentication(id, certificate)
                            : new PKITLSClientAuthentication(id, certificate));
        }
        return Optional.empty();
    }

    private static com.nimbusds.oauth2.sdk.auth.ClientAuthentication withSecret(
            ClientID id,
            ClientAuthentication.Secret secret,
            List<ClientAuthenticationMethod> methods,
            String audience) {
        Secret value = new Secret(secret.value());
        ClientAuthenticationMethod method = secret.method()
                .map(ClientAuthenticationMethod::new)
                .or(() -> methods.stream().filter(Authenticator::takesSecret).findFirst())
                .orElseThrow(() -> new NoTokenException(
                        Why.CLIENT,
                        "the authorization server " + audience + " takes no client secret, but " + methods,
                        "configure another way of client authentication in oauth.method"));
        return method.equals(ClientAuthenticationMethod.CLIENT_SECRET_POST)
                ? new ClientSecretPost(id, value)
                : new ClientSecretBasic(id, value);
    }

    private static boolean takesSecret(ClientAuthenticationMethod method) {
        return method.equals(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                || method.equals(ClientAuthenticationMethod.CLIENT_SECRET_POST);
    }

    /** For this authorization server alone: its issuer is the audience, so that no other can use it. */
    private static PrivateKeyJWT signed(ClientID id, ClientAuthentication.Key key, String audience) {
        try {
            return new PrivateKeyJWT(
                    new JWTAuthenticationClaimsSet(id, new Audience(audience)),
                    algorithm(key.privateKey()),
                    key.privateKey(),
                    key.keyId().orElse(null),
                    null);
        } catch (JOSEException e) {
            throw new NoTokenException(
                    Why.CLIENT,
                    "cannot sign with the client's private key: " + e.getMessage(),
                    "use an EC key on P-256, P-384 or P-521, or an RSA key of 2048 bits or more",
                    e);
        }
    }

    private static JWSAlgorithm algorithm(PrivateKey key) {
        if (!(key instanceof ECPrivateKey elliptic)) {
            return JWSAlgorithm.PS256;
        }
        return switch (elliptic.getParams().getCurve().getField().getFieldSize()) {
            case P384 -> JWSAlgorithm.ES384;
            case P521 -> JWSAlgorithm.ES512;
            default -> JWSAlgorithm.ES256;
        };
    }
}
