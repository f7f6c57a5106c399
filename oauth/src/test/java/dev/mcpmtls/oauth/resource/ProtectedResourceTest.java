// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtectedResourceTest {

    private static final TrustedIssuer ISSUER =
            TrustedIssuer.builder("https://login.example").build();

    @Test
    void itsMetadataSaysWhatClientsNeed() {
        ProtectedResource crm = ProtectedResource.builder("https://mcp.example/crm")
                .issuer(ISSUER)
                .issuer(TrustedIssuer.builder("https://other.example/tenant").build())
                .scopes("crm.write", "crm.read")
                .name("Customers \"R\" us")
                .build();

        assertThat(new String(crm.metadata(), StandardCharsets.UTF_8)).isEqualTo("""
            {"resource":"https://mcp.example/crm",\
            "authorization_servers":["https://login.example","https://other.example/tenant"],\
            "scopes_supported":["crm.read","crm.write"],"bearer_methods_supported":["header"],\
            "tls_client_certificate_bound_access_tokens":true,"resource_name":"Customers \\"R\\" us"}\
            """);
    }

    @ParameterizedTest
    @CsvSource({
        "https://mcp.example, https://mcp.example/.well-known/oauth-protected-resource",
        "https://mcp.example/, https://mcp.example/.well-known/oauth-protected-resource",
        "https://mcp.example/crm, https://mcp.example/.well-known/oauth-protected-resource/crm",
        "https://mcp.example:8443/a/b/, https://mcp.example:8443/.well-known/oauth-protected-resource/a/b/"
    })
    void itsMetadataIsAtTheWellKnownPath(String url, String metadata) {
        ProtectedResource resource =
                ProtectedResource.builder(url).issuer(ISSUER).build();
        assertThat(resource.metadataUrl()).isEqualTo(metadata);
        assertThat(resource.metadataPath()).isEqualTo(URI.create(metadata).getPath());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://mcp.example",
                "http://127.0.0.1/crm",
                "mcp.example",
                "https://mcp.example/crm#x",
                "https://mcp.example/crm?x=y",
                "https://user@mcp.example/crm",
                "urn:mcp:crm"
            })
    void aResourceIsAnHttpsUrl(String url) {
        assertThatThrownBy(() -> ProtectedResource.builder(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(url);
    }

    @Test
    void aResourceTrustsAnIssuerAndAsksForStrongAlgorithms() {
        ProtectedResource.Builder crm = ProtectedResource.builder("https://mcp.example/crm");
        assertThatThrownBy(crm::build).hasMessageContaining("trusts no issuer");
        assertThatThrownBy(() -> crm.issuer(ISSUER).issuer(ISSUER)).hasMessageContaining("named twice");
        assertThatThrownBy(() -> crm.algorithms(Set.of("ES256", "HS256"))).hasMessageContaining("algorithms are");
        assertThatThrownBy(() -> crm.algorithms(Set.of("none"))).hasMessageContaining("algorithms are");
        assertThatThrownBy(() -> crm.scopes("two words")).hasMessageContaining("no scope");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://login.example",
                "http://127.0.0.1:8080",
                "https://login.example?x",
                "https://login.example#x",
                "https://user:word@login.example",
                "file:///etc/passwd",
                "login.example"
            })
    void anIssuerIsAnHttpsUrl(String url) {
        assertThatThrownBy(() -> TrustedIssuer.builder(url).build()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void plainHttpIsForLoopbackAlone() {
        assertThat(TrustedIssuer.builder("http://127.0.0.1:8080/x")
                        .allowPlainHttpOnLoopback()
                        .build()
                        .url())
                .isEqualTo("http://127.0.0.1:8080/x");
        assertThatThrownBy(() -> TrustedIssuer.builder("http://127.0.0.1.evil.example")
                        .allowPlainHttpOnLoopback()
                        .build())
                .hasMessageContaining("https");
        assertThatThrownBy(() -> TrustedIssuer.builder("https://login.example")
                        .allowPlainHttpOnLoopback()
                        .jwks(URI.create("http://login.example/jwks"))
                        .build())
                .hasMessageContaining("location of keys");
    }

    @Test
    void aChallengeLeadsToTheMetadata() {
        Challenge challenge = ProtectedResource.builder("https://mcp.example/crm")
                .issuer(ISSUER)
                .scopes("crm.read")
                .build()
                .challenge();
        String metadata = "resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/crm\"";

        assertThat(challenge.missing()).isEqualTo("Bearer " + metadata + ", scope=\"crm.read\"");
        assertThat(challenge.refused(new TokenRefusedException(Why.EXPIRED, "it has expired")))
                .isEqualTo("Bearer error=\"invalid_token\", " + metadata
                        + ", scope=\"crm.read\", error_description=\"it has expired\"");
        assertThat(challenge
                        .withScopes(Set.of("crm.write", "crm.admin"))
                        .refused(new TokenRefusedException(Why.INSUFFICIENT_SCOPE, "it lacks a scope")))
                .isEqualTo("Bearer error=\"insufficient_scope\", " + metadata
                        + ", scope=\"crm.admin crm.write\", error_description=\"it lacks a scope\"");
    }

    @Test
    void aChallengeStaysOneHeader() {
        Challenge challenge = ProtectedResource.builder("https://mcp.example")
                .issuer(ISSUER)
                .build()
                .challenge()
                .withScopes(Set.of("a\"b\\c\r\nx"));

        assertThat(challenge.refused(
                        new TokenRefusedException(Why.INVALID, "a\r\nSet-Cookie: \"x\" \\ \u202e\u00e9\0")))
                .isEqualTo("Bearer error=\"invalid_token\", resource_metadata=\"https://mcp.example"
                        + "/.well-known/oauth-protected-resource\", scope=\"a'b?c??x\", "
                        + "error_description=\"a??Set-Cookie: 'x' ? ???\"");
    }
}
