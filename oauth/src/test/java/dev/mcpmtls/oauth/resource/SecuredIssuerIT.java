// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import static dev.mcpmtls.oauth.resource.LocalIssuer.json;
import static dev.mcpmtls.oauth.resource.Tokens.EC;
import static dev.mcpmtls.oauth.resource.Tokens.PEER;
import static dev.mcpmtls.oauth.resource.Tokens.claims;
import static dev.mcpmtls.oauth.resource.Tokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An issuer is reached over TLS: by our trust policy and with our certificate, or by the anchors of the platform. */
class SecuredIssuerIT {

    private final ThrowawayCa ca = ThrowawayCa.root("Issuer test CA", Instant.now());
    private final LocalIssuer issuer =
            LocalIssuer.overMutualTls(ca.server("login"), ca).publish(EC);

    @AfterEach
    void close() {
        issuer.close();
    }

    @Test
    void keysComeOverMutualTls() {
        try (Verifying verifying = new Verifying(trusted(ca))) {
            assertThat(verifying.accepted(token(claims(issuer.url())), PEER).subject())
                    .isEqualTo("alice");
        }
    }

    @Test
    void keysOfAServerThatIsNotVerifiedAreNotUsed() {
        try (Verifying stranger = new Verifying(trusted(ThrowawayCa.root("Other CA", Instant.now())));
                Verifying platform = new Verifying(TrustedIssuer.builder(issuer.url()))) {
            assertThat(stranger.why(token(claims(issuer.url())), PEER)).isEqualTo(Why.UNAVAILABLE);
            assertThat(platform.why(token(claims(issuer.url())), PEER)).isEqualTo(Why.UNAVAILABLE);
            assertThat(issuer.asked("/jwks")).isEmpty();
        }
    }

    @Test
    void ourCertificateSaysWhoAsksAboutATokenAtTheEndpointForThose() {
        String alias =
                ",\"mtls_endpoint_aliases\":{\"introspection_endpoint\":\"" + issuer.at("/mtls/introspect") + "\"}}";
        String metadata = issuer.metadata();
        issuer.answering(
                        "/.well-known/oauth-authorization-server",
                        json(metadata.substring(0, metadata.length() - 1) + alias))
                .answering("/mtls/introspect", json("{\"active\":true}"));
        try (Verifying verifying = new Verifying(trusted(ca).introspectWithCertificate("mcp crm"))) {
            String token = token(claims(issuer.url()));
            assertThat(verifying.accepted(token, PEER).subject()).isEqualTo("alice");
            LocalIssuer.Asked asked = issuer.asked("/mtls/introspect").get(0);
            assertThat(asked.authorization()).isEmpty();
            assertThat(asked.body()).isEqualTo("token=" + token + "&token_type_hint=access_token&client_id=mcp+crm");
        }
    }

    private TrustedIssuer.Builder trusted(ThrowawayCa anchor) {
        Issued own = ca.client("crm");
        ChainVerifier verifier =
                new ChainVerifier(TrustPolicy.strict(new TrustAnchors(List.of(anchor.certificate()))), Instant::now);
        Credential credential = Credential.of("crm", own.privateKey(), new Chain(own.chain()));
        TlsProfile profile =
                TlsProfile.builder(CredentialSource.fixed(credential), verifier).build();
        return TrustedIssuer.builder(issuer.url()).security(MtlsHttpClient.customizer(profile));
    }
}
