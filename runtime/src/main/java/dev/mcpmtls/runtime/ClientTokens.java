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
import dev.mcpmtls.runtime.settings.OAuthKeys;
import dev.mcpmtls.runtime.settings.OAuthKeys.TokenMethod;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TokenClient;
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
    private final TokenClient client;
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
        this(settings, ofSection(settings), server, profile, browser);
    }

    private ClientTokens(Settings settings, TokenClient client, URI server, TlsProfile profile, Browser browser) {
        this.settings = settings;
        this.client = client;
        this.server = server;
        this.profile = profile;
        this.browser = browser;
    }

    /** The client of the section {@code oauth}. */
    private static TokenClient ofSection(Settings settings) {
        return new TokenClient(
                "oauth",
                settings.find(OAuthKeys.ISSUER),
                settings.find(OAuthKeys.CLIENT_ID),
                settings.get(OAuthKeys.METHOD),
                settings.find(OAuthKeys.SECRET_FILE),
                settings.find(OAuthKeys.KEY_FILE),
                settings.get(OAuthKeys.SCOPES),
                settings.get(OAuthKeys.ALLOW));
    }

    /**
     * The tokens for one server that a program gets, without a person.
     *
     * @throws BadSettingException when the settings lack what its method needs, or a file cannot be used
     */
    static TokenSource unattended(Settings settings, TokenClient client, URI server, TlsProfile profile) {
        return new ClientTokens(settings, client, server, profile, Browser.none()).build();
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
            return question.apply(made());
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private synchronized OAuthClient made() {
        OAuthClient known = made;
        if (known == null) {
            known = build();
            made = known;
        }
        return known;
    }

    private OAuthClient build() {
        OAuthClient.Builder building = OAuthClient.builder(server, profile)
                .store(directory(settings))
                .scopes(new HashSet<>(client.scopes()))
                .browser(browser);
        client.allowed().forEach(allowed -> building.relaxed(Relaxation.valueOf(allowed.name())));
        client.issuer().ifPresent(building::issuer);
        if (client.method() == TokenMethod.LOGIN) {
            client.id().ifPresent(id -> building.client(id, ClientAuthentication.none()));
        } else {
            var unused = client.require("issuer", client.issuer());
            building.client(client.require("client-id", client.id()), authentication())
                    .grant(Grant.clientCredentials());
        }
        return building.build();
    }

    private ClientAuthentication authentication() {
        return switch (client.method()) {
            case LOGIN -> ClientAuthentication.none();
            case CERTIFICATE -> ClientAuthentication.certificate();
            case SECRET ->
                ClientAuthentication.secret(new String(
                        PassphraseFile.firstLine(settings.inStore(client.require("secret-file", client.secret())))));
            case KEY -> {
                Path file = settings.inStore(client.require("key-file", client.key()));
                yield ClientAuthentication.privateKey(
                        PrivateKeys.parse(file, bytes(file), new char[0]), Optional.empty());
            }
        };
    }

    private static byte[] bytes(Path file) {
        try {
            return SmallFiles.read(file, MAX_BYTES);
        } catch (IOException e) {
            throw new BadSettingException("cannot read the key of the client in " + file + ": " + Failures.reason(e));
        }
    }
}
