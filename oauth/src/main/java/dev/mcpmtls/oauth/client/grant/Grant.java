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
import java.net.URI;
import java.text.ParseException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** How a program without a person gets its token. Nothing in it is printed. */
public final class Grant {

    private final Steps steps;

    /** May ask an identity provider first, so it may block. */
    private interface Steps {
        AuthorizationGrant obtain(Web web, String issuer, Set<String> scopes, String resource)
                throws TokenEndpoint.Refused;
    }

    private Grant(Steps steps) {
        this.steps = steps;
    }

    /** As the client that it is registered as, on its own behalf (RFC 6749 section 4.4). */
    public static Grant clientCredentials() {
        return new Grant((web, issuer, scopes, resource) -> new ClientCredentialsGrant());
    }

    /**
     * As a workload, whose platform says which one it is by a JWT for the authorization server (RFC 7523 section 2.1).
     *
     * @param assertion gives the current JWT, for example from the file that the platform renews; may block
     */
    public static Grant workload(Supplier<String> assertion) {
        return new Grant((web, issuer, scopes, resource) ->
                new JWTBearerGrant(signed(assertion.get().strip(), "the workload's assertion")));
    }

    /**
     * On behalf of a person of an enterprise, whose identity provider decides which servers they may use: it exchanges their ID token for an
     * assertion for the authorization server (RFC 8693; extension "enterprise-managed authorization").
     *
     * @param provider token endpoint of the identity provider
     * @param client as the identity provider knows it
     * @param idToken gives the current ID token; may block
     */
    public static Grant enterprise(URI provider, Client client, Supplier<String> idToken) {
        return new Grant((web, issuer, scopes, resource) -> {
            TokenExchangeGrant exchange = new TokenExchangeGrant(
                    new TypelessAccessToken(idToken.get().strip()),
                    TokenTypeURI.ID_TOKEN,
                    null,
                    null,
                    identityAssertion(),
                    List.of(new Audience(issuer)));
            TokenEndpoint endpoint = new TokenEndpoint(
                    web,
                    provider,
                    provider.toString(),
                    List.of(ClientAuthenticationMethod.CLIENT_SECRET_BASIC, ClientAuthenticationMethod.TLS_CLIENT_AUTH),
                    client);
            return new JWTBearerGrant(
                    signed(endpoint.exchange(exchange, scopes, resource), "the assertion of the identity provider"));
        });
    }

    AuthorizationGrant obtain(Web web, String issuer, Set<String> scopes, String resource)
            throws TokenEndpoint.Refused {
        return steps.obtain(web, issuer, scopes, resource);
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

    @Override
    public String toString() {
        return "a grant without a person";
    }
}
