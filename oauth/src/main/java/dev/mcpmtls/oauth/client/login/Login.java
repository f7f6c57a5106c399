// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.login;

import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.discovery.AuthorizationServer;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.oauth.client.web.UrlRules;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One login: the authorization code grant with a proof of the code's owner by S256 (RFC 7636), a state, and a check of the response's issuer
 * (RFC 9207). Blocks until the person has consented.
 */
public final class Login {

    private final AuthorizationServer server;
    private final UrlRules rules;
    private final Browser browser;
    private final Duration limit;

    /**
     * A login at an authorization server.
     *
     * @param limit how long the person may take
     */
    public Login(AuthorizationServer server, UrlRules rules, Browser browser, Duration limit) {
        this.server = server;
        this.rules = rules;
        this.browser = browser;
        this.limit = limit;
    }

    /** The grant for a client that the browser brings back to {@code redirect}. */
    public AuthorizationGrant consent(String clientId, Set<String> scopes, String resource, LoopbackRedirect redirect) {
        if (!server.hasProofOfCode()) {
            throw new NoTokenException(
                    Why.METADATA,
                    "the authorization server " + server.issuer()
                            + " does not support PKCE with S256, so a stolen code could be used",
                    "ask its operator to list S256 in code_challenge_methods_supported");
        }
        URI endpoint = rules.require(
                "the authorization endpoint",
                server.authorizationEndpoint()
                        .orElseThrow(() -> new NoTokenException(
                                Why.METADATA,
                                "people cannot log in at the authorization server " + server.issuer(),
                                "configure a grant without a person in oauth.method")));
        State state = new State();
        CodeVerifier verifier = new CodeVerifier();
        redirect.expect(state.getValue());
        AuthorizationRequest.Builder request = new AuthorizationRequest.Builder(
                        ResponseType.CODE, new ClientID(clientId))
                .endpointURI(endpoint)
                .redirectionURI(redirect.url())
                .state(state)
                .codeChallenge(verifier, CodeChallengeMethod.S256)
                .resource(URI.create(resource));
        if (!scopes.isEmpty()) {
            request.scope(new Scope(new TreeSet<>(scopes).toArray(new String[0])));
        }
        browser.open(request.build().toURI());
        return new AuthorizationCodeGrant(new AuthorizationCode(code(redirect.await(limit))), redirect.url(), verifier);
    }

    /** The code, once the response is known to be of this authorization server; of another nothing is even shown. */
    private String code(Map<String, String> response) {
        String issuer = response.get("iss");
        if (issuer == null ? server.namesItself() : !issuer.equals(server.issuer())) {
            throw new NoTokenException(
                    Why.ISSUER,
                    "the response to the login "
                            + (issuer == null ? "does not name its issuer" : "is of another issuer") + " than "
                            + server.issuer(),
                    "do not log in there again; ask the operator of the server");
        }
        String error = response.get("error");
        if (error != null) {
            String description = response.getOrDefault("error_description", "");
            throw new NoTokenException(
                    Why.PERSON,
                    "the authorization server " + server.issuer() + " refused the login: " + Printable.clean(error)
                            + (description.isEmpty() ? "" : ", " + Printable.quote(description)),
                    "log in again and consent, or ask its operator");
        }
        String code = response.getOrDefault("code", "");
        if (code.isEmpty()) {
            throw new NoTokenException(Why.PERSON, "the response to the login has no code", "log in again");
        }
        return code;
    }
}
