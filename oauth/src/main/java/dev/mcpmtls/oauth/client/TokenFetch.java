// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.discovery.AuthorizationServer;
import dev.mcpmtls.oauth.client.discovery.Discovery;
import dev.mcpmtls.oauth.client.discovery.ProtectedResource;
import dev.mcpmtls.oauth.client.grant.Client;
import dev.mcpmtls.oauth.client.grant.ClientAuthentication;
import dev.mcpmtls.oauth.client.grant.Grant;
import dev.mcpmtls.oauth.client.grant.Issued;
import dev.mcpmtls.oauth.client.grant.ProofKey;
import dev.mcpmtls.oauth.client.grant.TokenEndpoint;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.oauth.client.login.Login;
import dev.mcpmtls.oauth.client.login.LoopbackRedirect;
import dev.mcpmtls.oauth.client.login.Registrar;
import dev.mcpmtls.oauth.client.store.Kept;
import dev.mcpmtls.oauth.client.store.Registration;
import dev.mcpmtls.oauth.client.store.Token;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.protocol.token.Challenge;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Gets one token, step by step. Blocks; for one thread at a time. */
final class TokenFetch {

    private static final String OFFLINE = "offline_access";
    private static final Duration YOUNG = Duration.ofSeconds(10);
    private static final int MAX_SCOPES = 64;
    private static final int MAX_SCOPE_CHARACTERS = 4_096;

    private final OAuthSettings settings;
    private final Discovery discovery;
    private final LoginLimit logins;
    private Optional<String> granted = Optional.empty();

    TokenFetch(OAuthSettings settings) {
        this.settings = settings;
        this.discovery = new Discovery(settings.web(), settings.server());
        this.logins = new LoginLimit(settings);
    }

    /**
     * A token as the server's challenge asks for it. If the server refuses one that was issued a moment ago, by a grant, another is of no use; by a
     * refresh, then the next is a grant.
     *
     * @param sent with the request that was refused
     */
    Kept fetch(Challenge challenge, Kept kept, Optional<Token> sent) {
        Instant now = settings.clock().instant();
        boolean isRefused =
                sent.filter(token -> token.issuedAt().plus(YOUNG).isAfter(now)).isPresent();
        Optional<Token> held = kept.token();
        ProtectedResource resource = discovery.protectedResource(challenge);
        String issuer = chosen(resource, kept);
        AuthorizationServer server = discovery.authorizationServer(issuer, resource.described());
        Set<String> scopes = scopes(challenge, resource, held);
        boolean needsProof = settings.proof() || resource.proof() || challenge.wantsProof();
        if (needsProof && !server.bindsToKey()) {
            throw new NoTokenException(
                    Why.METADATA,
                    "the server wants tokens with a proof of possession (DPoP), which " + issuer
                            + " does not issue with ES256",
                    "ask the operator of the server which authorization server to use");
        }
        Optional<Token> sameIssuer = held.filter(
                token -> !challenge.isInsufficientScope() && token.issuer().equals(issuer));
        if (isRefused && sameIssuer.isPresent() && sameIssuer.map(Token::value).equals(granted)) {
            throw new NoTokenException(
                    Why.REFUSED,
                    "the server " + settings.server() + " refused a token that " + issuer
                            + " issued for it a moment ago",
                    "have the operators compare the audience, the issuer and the binding of tokens with what the"
                            + " server expects");
        }
        return sameIssuer
                .filter(token -> !isRefused)
                .flatMap(token -> refreshed(server, kept, token))
                .orElseGet(() -> granted(
                        server,
                        kept,
                        challenge.isInsufficientScope(),
                        new Wanted(
                                resource.resource(),
                                scopes,
                                needsProof,
                                resource.bound() || server.bindsToCertificate())));
    }

    /** @param bound whether the token will be bound to our certificate */
    private record Wanted(String resource, Set<String> scopes, boolean proof, boolean bound) {}

    /** The next token without a challenge; empty when only a person could help. */
    Optional<Kept> renew(Kept kept, Token token) {
        AuthorizationServer server = discovery.authorizationServer(
                token.issuer(), !token.issuer().equals(Discovery.origin(settings.server())));
        Optional<Kept> refreshed = refreshed(server, kept, token);
        return refreshed.isPresent() || settings.grant().isEmpty()
                ? refreshed
                : Optional.of(granted(
                        server,
                        kept,
                        false,
                        new Wanted(
                                token.resource(),
                                token.scopes(),
                                token.proofKey().isPresent(),
                                token.certificate().isPresent())));
    }

    /**
     * Credentials go to the authorization server that the operator named, or confirmed; the first one stays. A person sees it in the
     * browser.
     */
    private String chosen(ProtectedResource resource, Kept kept) {
        Optional<String> wanted =
                settings.issuer().or(() -> settings.isChosenByPerson() ? Optional.empty() : kept.issuer());
        if (wanted.isPresent()) {
            if (resource.issuers().contains(wanted.get())) {
                return wanted.get();
            }
            throw new NoTokenException(
                    Why.ISSUER,
                    "the server " + settings.server() + " wants tokens of "
                            + Printable.clean(String.join(", ", resource.issuers())) + ", not of " + wanted.get(),
                    "ask its operator; if that is right, change oauth.issuer and the client that is registered there");
        }
        if (settings.isChosenByPerson()) {
            return kept.issuer()
                    .filter(resource.issuers()::contains)
                    .orElse(resource.issuers().get(0));
        }
        String first = resource.issuers().get(0);
        if (!settings.confirm().test(first)) {
            throw new NoTokenException(
                    Why.ISSUER,
                    "the server " + settings.server() + " wants a token of " + Printable.quote(first)
                            + ", which was not chosen: credentials are sent to no other",
                    "if you trust it, set oauth.issuer to it");
        }
        return first;
    }

    /** The scopes of the challenge, else those of the server; with those that we had, when one was missing. */
    private Set<String> scopes(Challenge challenge, ProtectedResource resource, Optional<Token> held) {
        Set<String> scopes = new HashSet<>(settings.scopes());
        Optional<String> asked = challenge.parameter("scope").filter(text -> text.length() <= MAX_SCOPE_CHARACTERS);
        scopes.addAll(asked.map(
                        text -> Set.copyOf(java.util.Arrays.asList(text.strip().split(" +"))))
                .orElse(resource.scopes()));
        if (challenge.isInsufficientScope()) {
            Set<String> before = held.map(Token::scopes).orElse(Set.of());
            if (before.containsAll(scopes)) {
                throw new NoTokenException(
                        Why.SCOPE,
                        "the server " + settings.server() + " wants the scopes "
                                + Printable.clean(String.join(" ", new java.util.TreeSet<>(scopes)))
                                + ", which were asked for and are not enough",
                        "have the operator of the authorization server grant them");
            }
            scopes.addAll(before);
        }
        scopes.remove("");
        if (scopes.size() > MAX_SCOPES) {
            throw new NoTokenException(
                    Why.SCOPE, "the server wants more than " + MAX_SCOPES + " scopes", "ask its operator for fewer");
        }
        return scopes;
    }

    private Optional<Kept> refreshed(AuthorizationServer server, Kept kept, Token token) {
        Optional<Client> client = settings.client().or(() -> knownClient(server, kept));
        if (token.refreshToken().isEmpty() || client.isEmpty()) {
            return Optional.empty();
        }
        AuthorizationGrant grant = new RefreshTokenGrant(new com.nimbusds.oauth2.sdk.token.RefreshToken(
                token.refreshToken().get()));
        Optional<ProofKey> key = token.proofKey().map(ProofKey::parse);
        try {
            Issued issued = new TokenEndpoint(settings.web(), server, client.get())
                    .request(grant, Set.of(), token.resource(), key); // the scopes that were granted
            return Optional.of(kept.with(token(
                    issued,
                    server,
                    new Wanted(
                            token.resource(),
                            token.scopes(),
                            key.isPresent(),
                            token.certificate().isPresent()),
                    key,
                    token.refreshToken())));
        } catch (TokenEndpoint.Refused e) {
            if (e.isForNow()) {
                throw e.unchecked();
            }
            return Optional.empty(); // it was withdrawn or has expired: there is a grant for that
        }
    }

    private Optional<Client> knownClient(AuthorizationServer server, Kept kept) {
        return document(server)
                .or(() -> Optional.ofNullable(kept.registrations().get(server.identifier()))
                        .map(TokenFetch::client));
    }

    private Optional<Client> document(AuthorizationServer server) {
        return settings.document()
                .filter(url -> server.takesClientDocuments())
                .map(url -> new Client(url.toString(), ClientAuthentication.none()));
    }

    private static Client client(Registration registration) {
        return new Client(
                registration.clientId(),
                registration
                        .secret()
                        .filter(secret -> !registration.method().equals("none"))
                        .<ClientAuthentication>map(
                                secret -> new ClientAuthentication.Secret(secret, Optional.of(registration.method())))
                        .orElseGet(ClientAuthentication::none));
    }

    private Kept granted(AuthorizationServer server, Kept kept, boolean isStepUp, Wanted wanted) {
        Optional<ProofKey> key = wanted.proof() ? Optional.of(ProofKey.generate()) : Optional.empty();
        try {
            Kept more = settings.grant().isPresent()
                    ? unattended(settings.grant().get(), server, kept, wanted, key)
                    : attended(server, logins.require(kept, server.identifier(), isStepUp), wanted, key);
            granted = more.token().map(Token::value);
            return more;
        } catch (TokenEndpoint.Refused e) {
            throw e.unchecked();
        }
    }

    private Kept unattended(Grant grant, AuthorizationServer server, Kept kept, Wanted wanted, Optional<ProofKey> key)
            throws TokenEndpoint.Refused {
        Client client = settings.client()
                .orElseThrow(() -> new NoTokenException(
                        Why.CLIENT,
                        "a grant without a person needs a registered client",
                        "configure it in oauth.client-id"));
        Issued issued = new TokenEndpoint(settings.web(), server, client)
                .request(grant, wanted.scopes(), wanted.resource(), key);
        return kept.with(token(issued, server, wanted, key, Optional.empty()));
    }

    private Kept attended(AuthorizationServer server, Kept kept, Wanted wanted, Optional<ProofKey> key)
            throws TokenEndpoint.Refused {
        Optional<Registration> registered =
                Optional.ofNullable(kept.registrations().get(server.identifier()));
        int port = registered
                .map(registration -> URI.create(registration.redirect()).getPort())
                .orElse(settings.redirectPort());
        try (LoopbackRedirect redirect = LoopbackRedirect.open(port)) {
            Kept known = kept;
            Optional<Client> client = settings.client().or(() -> document(server));
            if (client.isEmpty()) {
                Registration registration = registered
                        .filter(before ->
                                before.redirect().equals(redirect.url().toString()))
                        .orElseGet(
                                () -> new Registrar(settings.web(), settings.name()).register(server, redirect.url()));
                known = kept.with(server.identifier(), registration);
                client = Optional.of(client(registration));
            }
            Set<String> scopes = new HashSet<>(wanted.scopes());
            if (server.hasScope(OFFLINE)) {
                scopes.add(OFFLINE);
            }
            Kept begun = known.withLogin(settings.clock().instant());
            Browser noting = page -> {
                settings.browser().open(page);
                settings.store().save(begun);
            };
            AuthorizationGrant grant = new Login(server, settings.rules(), noting, settings.loginLimit())
                    .consent(client.get().id(), scopes, wanted.resource(), redirect);
            Issued issued = new TokenEndpoint(settings.web(), server, client.get())
                    .request(grant, Set.of(), wanted.resource(), key);
            return begun.with(token(issued, server, wanted, key, Optional.empty()));
        }
    }

    private Token token(
            Issued issued,
            AuthorizationServer server,
            Wanted wanted,
            Optional<ProofKey> key,
            Optional<String> refresh) {
        Instant now = settings.clock().instant();
        return new Token(
                issued.accessToken(),
                server.identifier(),
                wanted.resource(),
                wanted.scopes(),
                now,
                issued.lifetime().map(now::plus),
                issued.refreshToken().or(() -> refresh),
                wanted.bound() ? Optional.of(settings.certificate()) : Optional.empty(),
                key.map(ProofKey::stored));
    }
}
