// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.discovery;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.GrantType;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The validated metadata of an authorization server (RFC 8414), its endpoints checked when they are used. */
public final class AuthorizationServer {

    private static final String DOCUMENTS = "client_id_metadata_document_supported";

    private final String identifier;
    private final AuthorizationServerMetadata metadata;

    private AuthorizationServer(String identifier, AuthorizationServerMetadata metadata) {
        this.identifier = identifier;
        this.metadata = metadata;
    }

    /**
     * The metadata in a document.
     *
     * @param identifier by which it was found
     */
    static AuthorizationServer parse(String identifier, String json) throws ParseException {
        return new AuthorizationServer(identifier, AuthorizationServerMetadata.parse(json));
    }

    /** An MCP server that is its own authorization server and has no metadata (revision 2025-03-26, section 2.3.3). */
    static AuthorizationServer withDefaults(String origin) {
        AuthorizationServerMetadata metadata = new AuthorizationServerMetadata(new Issuer(origin));
        metadata.setAuthorizationEndpointURI(URI.create(origin + "/authorize"));
        metadata.setTokenEndpointURI(URI.create(origin + "/token"));
        metadata.setRegistrationEndpointURI(URI.create(origin + "/register"));
        metadata.setCodeChallengeMethods(List.of(CodeChallengeMethod.S256));
        return new AuthorizationServer(origin, metadata);
    }

    /** By which it was chosen, and by which its tokens and registrations are kept: its issuer, unless the MCP server named none. */
    public String identifier() {
        return identifier;
    }

    /** Its identifier, as its tokens and responses have it. */
    public String issuer() {
        return metadata.getIssuer().getValue();
    }

    /** Where people log in; empty where they cannot. */
    public Optional<URI> authorizationEndpoint() {
        return Optional.ofNullable(metadata.getAuthorizationEndpointURI());
    }

    /** Where tokens are issued: for clients with a certificate, where there is such a place (RFC 8705 section 5). */
    public Optional<URI> tokenEndpoint() {
        return Optional.ofNullable(metadata.getReadOnlyMtlsEndpointAliases())
                .map(aliases -> aliases.getTokenEndpointURI())
                .or(() -> Optional.ofNullable(metadata.getTokenEndpointURI()));
    }

    /** Where clients register themselves (RFC 7591); empty when they cannot. */
    public Optional<URI> registrationEndpoint() {
        return Optional.ofNullable(metadata.getRegistrationEndpointURI());
    }

    /** Its grants by the names of RFC 7591; as RFC 8414 section 2 has it where it does not say. */
    public List<String> grants() {
        List<GrantType> types = metadata.getGrantTypes();
        return types == null
                ? List.of("authorization_code", "implicit")
                : types.stream().map(GrantType::getValue).toList();
    }

    /** How clients authenticate; only by a secret in the header where it does not say (RFC 8414 section 2). */
    public List<ClientAuthenticationMethod> authenticationMethods() {
        List<ClientAuthenticationMethod> methods = metadata.getTokenEndpointAuthMethods();
        return methods == null ? List.of(ClientAuthenticationMethod.CLIENT_SECRET_BASIC) : methods;
    }

    /** Whether it takes proofs of the code's owner by a digest (RFC 7636); "plain" is none. */
    public boolean hasProofOfCode() {
        List<CodeChallengeMethod> methods = metadata.getCodeChallengeMethods();
        return methods != null && methods.contains(CodeChallengeMethod.S256);
    }

    /** Whether its responses by way of the browser name it (RFC 9207). */
    public boolean namesItself() {
        return metadata.supportsAuthorizationResponseIssuerParam();
    }

    /** Whether it binds tokens to the client's certificate (RFC 8705). */
    public boolean bindsToCertificate() {
        return metadata.supportsTLSClientCertificateBoundAccessTokens();
    }

    /** Whether it binds tokens to a key, with the algorithm that we use (RFC 9449). */
    public boolean bindsToKey() {
        List<JWSAlgorithm> algorithms = metadata.getDPoPJWSAlgs();
        return algorithms != null && algorithms.contains(JWSAlgorithm.ES256);
    }

    /** Whether it knows the scope. */
    public boolean hasScope(String scope) {
        return metadata.getScopes() != null && metadata.getScopes().contains(scope);
    }

    /** Whether the URL of a document may be the identifier of a client. */
    public boolean takesClientDocuments() {
        return Boolean.TRUE.equals(metadata.getCustomParameter(DOCUMENTS));
    }
}
