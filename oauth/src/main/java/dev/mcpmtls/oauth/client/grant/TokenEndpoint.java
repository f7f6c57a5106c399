// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.PrivateKeyJWT;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.discovery.AuthorizationServer;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.oauth.client.web.Web;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Requests to one token endpoint (RFC 6749 section 3.2) by one client. Nothing is sent twice, unless a nonce was missing. Blocks. */
public final class TokenEndpoint {

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{1,16384}={0,8}"); // RFC 6750 section 2.1
    private static final Pattern NONCE = Pattern.compile("[!-~]{1,512}");

    private static final Duration LONGEST_LIFETIME = Duration.ofDays(3_650);

    private final Web web;
    private final URI url;
    private final String issuer;
    private final List<ClientAuthenticationMethod> methods;
    private final Client client;

    /**
     * The token endpoint of an authorization server.
     *
     * @throws NoTokenException when it has none
     */
    public TokenEndpoint(Web web, AuthorizationServer server, Client client) {
        this(
                web,
                server.tokenEndpoint()
                        .orElseThrow(() -> new NoTokenException(
                                Why.METADATA,
                                "the authorization server " + server.issuer() + " has no token endpoint",
                                "ask its operator")),
                server.issuer(),
                server.authenticationMethods(),
                client);
    }

    /** A token endpoint of the operator's choice, whose metadata is not read. */
    TokenEndpoint(Web web, URI url, String issuer, List<ClientAuthenticationMethod> methods, Client client) {
        this.web = web;
        this.url = url;
        this.issuer = issuer;
        this.methods = methods;
        this.client = client;
    }

    /** An error that the authorization server gave back. */
    public static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;

        private final String code;
        private final boolean isForNow;

        private Refused(String code, String message, boolean isForNow) {
            super(message, null, false, false);
            this.code = code;
            this.isForNow = isForNow;
        }

        /** Whether the same request may succeed later: the authorization server is out of order or busy, and did not judge it. */
        public boolean isForNow() {
            return isForNow;
        }

        /** The error's code, for example {@code invalid_grant}. */
        public String code() {
            return code;
        }

        /** The failure for the user. */
        public NoTokenException unchecked() {
            Why why = code.equals("invalid_client") || code.equals("unauthorized_client") ? Why.CLIENT : Why.REFUSED;
            return new NoTokenException(why, String.valueOf(getMessage()), isForNow ? "try again later" : remedy());
        }

        private String remedy() {
            return switch (code) {
                case "invalid_client" -> "check oauth.client-id, and how this client is registered there";
                case "unauthorized_client", "unsupported_grant_type" ->
                    "have the operator of the authorization server allow this client that grant";
                case "invalid_scope" -> "have the operator of the authorization server grant this client these scopes";
                case "invalid_target" ->
                    "have the operator of the authorization server add the MCP server as a resource";
                default -> "ask the operator of the authorization server";
            };
        }
    }

    /** As {@link #request(AuthorizationGrant, Set, String, Optional)}, by a grant without a person. */
    public Issued request(Grant grant, Set<String> scopes, String resource, Optional<ProofKey> key) throws Refused {
        return request(Assertions.of(grant, web, issuer, scopes, resource), scopes, resource, key);
    }

    /**
     * Asks for a token for a resource (RFC 8707).
     *
     * @param scopes may be empty: then the authorization server chooses
     * @param key to bind the token to; the answer must then be such a token
     * @throws Refused when the authorization server says no
     * @throws NoTokenException when it does not answer, or not usably
     */
    public Issued request(AuthorizationGrant grant, Set<String> scopes, String resource, Optional<ProofKey> key)
            throws Refused {
        AccessTokenType wanted = key.isPresent() ? AccessTokenType.DPOP : AccessTokenType.BEARER;
        return request(builder(grant).scope(scope(scopes)).resource(URI.create(resource)), wanted, key);
    }

    /** Asks an identity provider for an assertion about the person, for an authorization server (an "ID-JAG"). */
    String exchange(AuthorizationGrant grant, Set<String> scopes, String resource) throws Refused {
        return request(
                        builder(grant).scope(scope(scopes)).resource(URI.create(resource)),
                        AccessTokenType.N_A,
                        Optional.empty())
                .accessToken();
    }

    private TokenRequest.Builder builder(AuthorizationGrant grant) {
        return Authenticator.of(
                        client, methods, issuer, web.credential().chain().leaf())
                .map(authentication -> named(authentication, new TokenRequest.Builder(url, authentication, grant)))
                .orElseGet(() -> new TokenRequest.Builder(url, new ClientID(client.id()), grant));
    }

    /** An assertion names its client, and RFC 7521 section 4.2 lets the request name it too: Spring's authorization server wants that. */
    private static TokenRequest.Builder named(
            com.nimbusds.oauth2.sdk.auth.ClientAuthentication authentication, TokenRequest.Builder request) {
        return authentication instanceof PrivateKeyJWT
                ? request.customParameter(
                        "client_id", authentication.getClientID().getValue())
                : request;
    }

    private static @Nullable Scope scope(Set<String> scopes) {
        return scopes.isEmpty() ? null : new Scope(new TreeSet<>(scopes).toArray(new String[0]));
    }

    private Issued request(TokenRequest.Builder builder, AccessTokenType wanted, Optional<ProofKey> key)
            throws Refused {
        HTTPRequest request = builder.build().toHTTPRequest();
        Web.Answer answer = send(request, key, Optional.empty());
        Optional<String> nonce = key.flatMap(proof -> missingNonce(answer));
        return nonce.isPresent() ? issued(send(request, key, nonce), wanted) : issued(answer, wanted);
    }

    private Web.Answer send(HTTPRequest request, Optional<ProofKey> key, Optional<String> nonce) {
        key.ifPresent(proof -> request.setDPoP(proof.proof(url, nonce)));
        @SuppressWarnings("unchecked") // raw in the library
        Map<String, List<String>> headers = request.getHeaderMap();
        return web.post("the token endpoint", url, headers, String.valueOf(request.getBody()));
    }

    /** The nonce, when the first proof lacked it (RFC 9449 section 8). */
    private static Optional<String> missingNonce(Web.Answer answer) {
        return answer.status() == 400 && answer.body().contains("use_dpop_nonce")
                ? answer.headers().entrySet().stream()
                        .filter(header -> header.getKey().equalsIgnoreCase("DPoP-Nonce"))
                        .flatMap(header -> header.getValue().stream())
                        .filter(value -> NONCE.matcher(value).matches())
                        .findFirst()
                : Optional.empty();
    }

    private Issued issued(Web.Answer answer, AccessTokenType wanted) throws Refused {
        TokenResponse response = parse(answer);
        if (!response.indicatesSuccess()) {
            throw refused(response.toErrorResponse().getErrorObject(), answer.status());
        }
        AccessToken token = response.toSuccessResponse().getTokens().getAccessToken();
        if (!token.getType().equals(wanted)) {
            throw unusable("it issued a token of the type "
                    + Printable.quote(token.getType().getValue()) + ", not " + wanted);
        }
        RefreshToken refresh = response.toSuccessResponse().getTokens().getRefreshToken();
        return new Issued(
                checked(token.getValue()),
                Optional.ofNullable(refresh).map(RefreshToken::getValue),
                Optional.of(token.getLifetime())
                        .filter(seconds -> seconds > 0)
                        .map(seconds -> Duration.ofSeconds(Math.min(seconds, LONGEST_LIFETIME.toSeconds()))));
    }

    private TokenResponse parse(Web.Answer answer) {
        try {
            HTTPResponse response = new HTTPResponse(answer.status());
            response.setContentType("application/json");
            response.setBody(answer.body());
            return TokenResponse.parse(response);
        } catch (ParseException | IllegalArgumentException e) {
            throw unusable("status " + answer.status());
        }
    }

    /** The token becomes part of a header, and must not be able to end it. */
    private String checked(String token) {
        if (!TOKEN.matcher(token).matches()) {
            throw unusable("its token has characters that no token has, or too many");
        }
        return token;
    }

    private Refused refused(@Nullable ErrorObject error, int status) {
        String code = error == null || error.getCode() == null ? "" : error.getCode();
        String description =
                error == null || error.getDescription() == null ? "" : ", " + Printable.quote(error.getDescription());
        return new Refused(
                code,
                "the authorization server " + issuer + " issued no token: "
                        + (code.isEmpty() ? "status " + status : Printable.clean(code)) + description,
                status >= 500 || status == 429);
    }

    private NoTokenException unusable(String why) {
        return new NoTokenException(
                Why.REFUSED,
                "cannot use the answer of the token endpoint " + url + ": " + why,
                "check that it is the token endpoint of an authorization server");
    }
}
