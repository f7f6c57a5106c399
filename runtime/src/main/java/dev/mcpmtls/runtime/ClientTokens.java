// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.PrivateKeys;
import dev.mcpmtls.oauth.client.OAuthClient;
import dev.mcpmtls.oauth.client.grant.ClientAuthentication;
import dev.mcpmtls.oauth.client.grant.Grant;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.oauth.client.web.Relaxation;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.OAuthKeys;
import dev.mcpmtls.runtime.settings.OAuthKeys.TokenMethod;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.TlsProfile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens that our clients present, as the settings say. Nothing of OAuth is loaded before a server wants a token, unless one was kept.
 * Thread-safe.
 */
public final class ClientTokens implements TokenSource {

    private static final int MAX_BYTES = 64 * 1024;

    private final Settings settings;
    private final URI server;
    private final TlsProfile profile;
    private final Browser browser;
    private @Nullable OAuthClient made;

    /**
     * The tokens for one server; they are kept in the store.
     *
     * @param profile presents our certificate to the authorization server too
     * @param browser shows a person where to log in
     */
    public ClientTokens(Settings settings, URI server, TlsProfile profile, Browser browser) {
        this.settings = settings;
        this.server = server;
        this.profile = profile;
        this.browser = browser;
    }

    /** The directory of the store that keeps tokens, one file for each server and client. */
    public static Path directory(Settings settings) {
        return settings.inStore(Path.of("tokens"));
    }

    @Override
    public Optional<URI> server() {
        return Optional.of(server);
    }

    @Override
    public CompletionStage<Optional<Authorization>> current() {
        return Files.isDirectory(directory(settings))
                ? asked(OAuthClient::current)
                : CompletableFuture.completedStage(Optional.empty());
    }

    @Override
    public CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused) {
        return asked(client -> client.answer(challenge, refused));
    }

    /** A mistake in the settings fails the request that needs a token, like any other reason why there is none. */
    private CompletionStage<Optional<Authorization>> asked(
            Function<OAuthClient, CompletionStage<Optional<Authorization>>> question) {
        try {
            return question.apply(client());
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private synchronized OAuthClient client() {
        OAuthClient known = made;
        if (known == null) {
            known = build();
            made = known;
        }
        return known;
    }

    private OAuthClient build() {
        TokenMethod method = settings.get(OAuthKeys.METHOD);
        OAuthClient.Builder client = OAuthClient.builder(server, profile)
                .store(directory(settings))
                .scopes(new HashSet<>(settings.get(OAuthKeys.SCOPES)))
                .browser(browser);
        settings.get(OAuthKeys.ALLOW).forEach(allowed -> client.relaxed(Relaxation.valueOf(allowed.name())));
        settings.find(OAuthKeys.ISSUER).ifPresent(client::issuer);
        if (method == TokenMethod.LOGIN) {
            settings.find(OAuthKeys.CLIENT_ID).ifPresent(id -> client.client(id, ClientAuthentication.none()));
        } else {
            requireFor(method, OAuthKeys.ISSUER);
            client.client(requireFor(method, OAuthKeys.CLIENT_ID), authentication(method))
                    .grant(Grant.clientCredentials());
        }
        return client.build();
    }

    private ClientAuthentication authentication(TokenMethod method) {
        return switch (method) {
            case LOGIN -> ClientAuthentication.none();
            case CERTIFICATE -> ClientAuthentication.certificate();
            case SECRET ->
                ClientAuthentication.secret(new String(
                        PassphraseFile.firstLine(settings.inStore(requireFor(method, OAuthKeys.SECRET_FILE)))));
            case KEY -> {
                Path file = settings.inStore(requireFor(method, OAuthKeys.KEY_FILE));
                yield ClientAuthentication.privateKey(
                        PrivateKeys.parse(file, bytes(file), new char[0]), Optional.empty());
            }
        };
    }

    private <T> T requireFor(TokenMethod method, Key<T> key) {
        return settings.find(key)
                .orElseThrow(() -> new BadSettingException("oauth.method is "
                        + method.name().toLowerCase(java.util.Locale.ROOT) + ", which needs " + key.path()
                        + "; set it"));
    }

    private static byte[] bytes(Path file) {
        try {
            return SmallFiles.read(file, MAX_BYTES);
        } catch (IOException e) {
            throw new BadSettingException("cannot read the key of the client in " + file + ": " + Failures.reason(e));
        }
    }
}
