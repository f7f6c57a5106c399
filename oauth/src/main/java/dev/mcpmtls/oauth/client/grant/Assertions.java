// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.JWTBearerGrant;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.token.TokenTypeURI;
import com.nimbusds.oauth2.sdk.token.TypelessAccessToken;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.oauth.client.web.Web;
import java.text.ParseException;
import java.util.List;
import java.util.Set;

/** The grants of programs as a token endpoint reads them. Apart from {@link Grant}, so that choosing one loads no library. */
final class Assertions {

    private Assertions() {}

    /** The grant for one authorization server; may ask an identity provider first, so it may block. */
    static AuthorizationGrant of(Grant grant, Web web, String issuer, Set<String> scopes, String resource)
            throws TokenEndpoint.Refused {
        if (grant instanceof Grant.Workload workload) {
            return new JWTBearerGrant(signed(workload.assertion().get().strip(), "the workload's assertion"));
        }
        if (grant instanceof Grant.Enterprise enterprise) {
            return new JWTBearerGrant(signed(
                    exchanged(enterprise, web, issuer, scopes, resource), "the assertion of the identity provider"));
        }
        return new ClientCredentialsGrant();
    }

    private static String exchanged(
            Grant.Enterprise enterprise, Web web, String issuer, Set<String> scopes, String resource)
            throws TokenEndpoint.Refused {
        TokenExchangeGrant exchange = new TokenExchangeGrant(
                new TypelessAccessToken(enterprise.idToken().get().strip()),
                TokenTypeURI.ID_TOKEN,
                null,
                null,
                identityAssertion(),
                List.of(new Audience(issuer)));
        return new TokenEndpoint(
                        web,
                        enterprise.provider(),
                        enterprise.provider().toString(),
                        List.of(
                                ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
                                ClientAuthenticationMethod.TLS_CLIENT_AUTH),
                        enterprise.client())
                .exchange(exchange, scopes, resource);
    }

    private static TokenTypeURI identityAssertion() {
        try {
            return TokenTypeURI.parse("urn:ietf:params:oauth:token-type:id-jag");
        } catch (com.nimbusds.oauth2.sdk.ParseException e) {
            throw new IllegalStateException("it is a URI", e);
        }
    }

    private static SignedJWT signed(String text, String what) {
        try {
            return SignedJWT.parse(text);
        } catch (ParseException e) {
            throw new NoTokenException(Why.CLIENT, what + " is not a signed JWT", "check where it comes from");
        }
    }
}
