// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.oauth.resource.Challenge;
import dev.mcpmtls.oauth.resource.ProtectedResource;
import dev.mcpmtls.oauth.resource.TokenVerification;
import dev.mcpmtls.oauth.resource.TrustedIssuer;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.HeaderValue;
import dev.mcpmtls.runtime.settings.OauthEntry;
import dev.mcpmtls.runtime.settings.OauthEntry.Introspection;
import dev.mcpmtls.runtime.settings.OauthEntry.Issuer;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import dev.mcpmtls.transport.server.http.HostNames;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.Purpose;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The verifiers of access tokens of the servers that take them. Not thread-safe. */
final class ServerTokens implements AutoCloseable {

    private final Settings settings;
    private final FileWatch watch;
    private final List<TokenVerification> verifying = new ArrayList<>();

    ServerTokens(Settings settings, FileWatch watch) {
        this.settings = settings;
        this.watch = watch;
    }

    /**
     * Begins to verify tokens for a server.
     *
     * @param server its name in the settings
     * @param path where its MCP is
     * @param profile gives the names of its certificate
     * @throws BadSettingException when a file or a credential that its {@code oauth} names cannot be used
     */
    AccessTokens start(
            OauthEntry oauth, String server, ListenAddress listen, String path, TlsProfile profile, AuditSink audit) {
        ProtectedResource resource;
        try {
            resource = resource(oauth, server, listen, path, profile, audit);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(oauth.origin() + ": servers." + server + ".oauth: " + e.getMessage());
        }
        TokenVerification verification = TokenVerification.start(resource, InstantSource.system());
        verifying.add(verification);
        Challenge challenge = resource.challenge().withScopes(oauth.scopes());
        AccessTokens tokens = AccessTokens.verifiedBy(verification)
                .metadata(resource.metadataPath(), resource.metadata())
                .challenges(
                        challenge.missing(),
                        (why, scopes) -> challenge.withScopes(scopes).refused(why))
                .scopes(Set.copyOf(oauth.scopes()));
        return oauth.isRequired() ? tokens.required() : tokens;
    }

    private ProtectedResource resource(
            OauthEntry oauth, String server, ListenAddress listen, String path, TlsProfile profile, AuditSink audit) {
        String audience = oauth.audience().orElse("");
        boolean isUrl = audience.startsWith("https://");
        ProtectedResource.Builder resource =
                ProtectedResource.builder(isUrl ? audience : own(oauth, server, listen, path, profile));
        if (!isUrl && !audience.isEmpty()) {
            resource.audience(audience);
        }
        oauth.issuers().forEach(issuer -> resource.issuer(issuer(issuer, audit)));
        resource.scopes(oauth.scopes().toArray(String[]::new)).name(server);
        return (oauth.requiresBound() ? resource : resource.allowUnbound()).build();
    }

    /** The server's URL, as its clients write it. */
    private static String own(OauthEntry oauth, String server, ListenAddress listen, String path, TlsProfile profile) {
        if (listen.port() == 0) {
            throw new BadSettingException(oauth.origin() + ": servers." + server
                    + ".oauth.audience: the server's URL is not known before it listens on port 0; name it, or a port");
        }
        try {
            String host = HostNames.inUrl(
                    HostNames.named(profile.credential()), InetAddress.getByName(listen.host()), listen.host());
            return "https://" + host + ":" + listen.port() + path;
        } catch (UnknownHostException e) {
            throw new BadSettingException("cannot find the address of " + listen.host() + "; check the name");
        }
    }

    private TrustedIssuer issuer(Issuer issuer, AuditSink audit) {
        TrustedIssuer.Builder building = TrustedIssuer.builder(issuer.url());
        issuer.jwks().ifPresent(building::jwks);
        if (issuer.isPlainJwtAllowed()) {
            building.acceptPlainJwt();
        }
        if (issuer.url().startsWith("http://")) {
            building.allowPlainHttpOnLoopback();
        }
        issuer.credential().ifPresent(name -> {
            ConfiguredCredentials.require(settings, name, Purpose.CLIENT);
            building.security(
                    MtlsHttpClient.customizer(TlsProfiles.watchedClientProfile(settings, name, watch, audit)));
        });
        issuer.introspection().ifPresent(introspection -> introspect(introspection, building));
        return building.build();
    }

    private void introspect(Introspection introspection, TrustedIssuer.Builder building) {
        introspection.endpoint().ifPresent(building::introspectionEndpoint);
        if (introspection.secret().isEmpty()) {
            building.introspectWithCertificate(introspection.client());
            return;
        }
        Path file = settings.inStore(introspection.secret().get());
        var unused = HeaderValue.inFile("Authorization", file); // now rather than at the first token
        building.introspectWithSecret(introspection.client(), () -> HeaderValue.inFile("Authorization", file));
    }

    @Override
    public void close() {
        verifying.forEach(TokenVerification::close);
    }
}
