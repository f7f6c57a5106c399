// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.login;

import com.nimbusds.oauth2.sdk.GrantType;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.client.ClientInformation;
import com.nimbusds.oauth2.sdk.client.ClientMetadata;
import com.nimbusds.oauth2.sdk.client.ClientRegistrationRequest;
import com.nimbusds.oauth2.sdk.client.ClientRegistrationResponse;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.discovery.AuthorizationServer;
import dev.mcpmtls.oauth.client.store.Registration;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.oauth.client.web.Web;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Registers this program at an authorization server that does not know it (RFC 7591), as a native application. Blocks. */
public final class Registrar {

    private static final List<ClientAuthenticationMethod> PREFERRED = List.of(
            ClientAuthenticationMethod.NONE,
            ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
            ClientAuthenticationMethod.CLIENT_SECRET_POST);

    private final Web web;
    private final String name;

    /**
     * Registrations under a name.
     *
     * @param name of the program, which people read when they consent
     */
    public Registrar(Web web, String name) {
        this.web = web;
        this.name = name;
    }

    /**
     * Registers.
     *
     * @throws NoTokenException when the authorization server does not register clients, or not this one
     */
    public Registration register(AuthorizationServer server, URI redirect) {
        URI endpoint = server.registrationEndpoint()
                .orElseThrow(() -> new NoTokenException(
                        Why.CLIENT,
                        "the authorization server " + server.issuer()
                                + " does not know this client, and registers none by itself",
                        "register one with its operator, and configure its identifier in oauth.client-id"));
        ClientAuthenticationMethod method = PREFERRED.stream()
                .filter(server.authenticationMethods()::contains)
                .findFirst()
                .orElse(ClientAuthenticationMethod.NONE);
        HTTPRequest request =
                new ClientRegistrationRequest(endpoint, metadata(server, redirect, method), null).toHTTPRequest();
        @SuppressWarnings("unchecked") // raw in the library
        Map<String, List<String>> headers = request.getHeaderMap();
        Web.Answer answer = web.post("the registration endpoint", endpoint, headers, String.valueOf(request.getBody()));
        ClientInformation client = parse(server, answer);
        ClientAuthenticationMethod registered = client.getMetadata().getTokenEndpointAuthMethod();
        return new Registration(
                client.getID().getValue(),
                Optional.ofNullable(client.getSecret()).map(secret -> secret.getValue()),
                (registered == null ? method : registered).getValue(),
                redirect.toString());
    }

    private ClientMetadata metadata(AuthorizationServer server, URI redirect, ClientAuthenticationMethod method) {
        ClientMetadata metadata = new ClientMetadata();
        metadata.setName(name);
        metadata.setRedirectionURI(redirect);
        metadata.setGrantTypes(Set.of(GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN));
        metadata.setResponseTypes(Set.of(ResponseType.CODE));
        metadata.setTokenEndpointAuthMethod(method);
        metadata.setCustomField("application_type", "native");
        if (server.bindsToCertificate()) {
            metadata.setTLSClientCertificateBoundAccessTokens(true);
        }
        return metadata;
    }

    private static ClientInformation parse(AuthorizationServer server, Web.Answer answer) {
        try {
            HTTPResponse response = new HTTPResponse(answer.status());
            response.setContentType("application/json");
            response.setBody(answer.body());
            ClientRegistrationResponse parsed = ClientRegistrationResponse.parse(response);
            if (parsed.indicatesSuccess()) {
                return parsed.toSuccessResponse().getClientInformation();
            }
            var error = parsed.toErrorResponse().getErrorObject();
            throw refused(server, Printable.clean(error.getCode() + ", " + error.getDescription()));
        } catch (ParseException | IllegalArgumentException e) {
            throw refused(server, "its answer (status " + answer.status() + ") cannot be used");
        }
    }

    private static NoTokenException refused(AuthorizationServer server, String why) {
        return new NoTokenException(
                Why.CLIENT,
                "the authorization server " + server.issuer() + " did not register this client: " + why,
                "register one with its operator, and configure its identifier in oauth.client-id");
    }
}
