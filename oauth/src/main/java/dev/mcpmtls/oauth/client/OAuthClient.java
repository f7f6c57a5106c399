// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.oauth.client.grant.Client;
import dev.mcpmtls.oauth.client.grant.ClientAuthentication;
import dev.mcpmtls.oauth.client.grant.Grant;
import dev.mcpmtls.oauth.client.grant.ProofKey;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.oauth.client.store.Kept;
import dev.mcpmtls.oauth.client.store.Token;
import dev.mcpmtls.oauth.client.store.TokenStore;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.oauth.client.web.Relaxation;
import dev.mcpmtls.oauth.client.web.UrlRules;
import dev.mcpmtls.oauth.client.web.Web;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches access tokens for one MCP server, whenever that server asks for one: as the MCP authorization specification has it, in its
 * revisions from 2025-03-26 to 2026-07-28. Mutual TLS stays what it is; a token comes on top.
 *
 * <pre>{@code
 * OAuthClient tokens = OAuthClient.builder(server, profile)
 *         .issuer("https://login.example.com")
 *         .client("agent-7", ClientAuthentication.certificate())
 *         .grant(Grant.clientCredentials())
 *         .store(directory)
 *         .build();
 * MtlsClientTransport.builder(server).tls(profile).tokens(tokens).build();
 * }</pre>
 *
 * <p>Without a {@linkplain Builder#grant grant} a person logs in with a browser. Tokens are renewed before they expire, and fetched again after
 * our certificate was renewed if they are bound to it (RFC 8705). One step at a time is made, on a thread of its own. Failures are
 * {@link NoTokenException}s; after one, requests that waited for the same token fail alike.
 */
public final class OAuthClient implements TokenSource {

    private static final Duration LONGEST_LEAD = Duration.ofMinutes(1);
    private static final int LEAD_PART = 5;
    private static final int MOST_STEP_UPS = 3;
    private static final Duration YOUNG = Duration.ofSeconds(10);
    private static final Duration STEP_UPS_WITHIN = Duration.ofMinutes(10);

    private final OAuthSettings settings;
    private final Steps steps;
    private final AtomicBoolean isRenewing = new AtomicBoolean();
    private final Deque<Instant> stepUps = new ArrayDeque<>();
    private @Nullable TokenFetch fetch;
    private volatile Optional<TokenAuthorization> held = Optional.empty();
    private volatile Optional<String> nonce = Optional.empty();
    private volatile String unrenewable = "";

    private OAuthClient(OAuthSettings settings) {
        this.settings = settings;
        this.steps = new Steps("oauth-" + settings.server().getHost());
        hold(kept());
    }

    /** A client for the MCP endpoint {@code server}; the profile's certificate is presented to the authorization server too. */
    public static Builder builder(URI server, TlsProfile tls) {
        return new Builder(server, tls);
    }

    @Override
    public Optional<URI> server() {
        return Optional.of(settings.server());
    }

    @Override
    public CompletionStage<Optional<Authorization>> current() {
        Optional<TokenAuthorization> now = held;
        if (now.isEmpty()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        Token token = now.get().token();
        if (!settings.isUsable(token)) {
            return submit(this::renewed);
        }
        boolean isDue = isDue(token) && !token.value().equals(unrenewable) && !steps.hasFailedWithin(YOUNG);
        if (isDue && isRenewing.compareAndSet(false, true)) {
            var unused = submit(this::renewed).whenComplete((renewed, failure) -> isRenewing.set(false));
        }
        return CompletableFuture.completedStage(Optional.of(now.get().with(nonce)));
    }

    @Override
    public CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused) {
        Optional<TokenAuthorization> sent =
                refused.filter(TokenAuthorization.class::isInstance).map(TokenAuthorization.class::cast);
        if (challenge.wantsNonce() && sent.isPresent()) {
            nonce = challenge.nonce(); // of the latest challenge; each request that was refused is sent again with its
            // own
            return CompletableFuture.completedStage(sent.map(authorization -> authorization.with(challenge.nonce())));
        }
        return submit(() -> answered(challenge, sent.map(TokenAuthorization::token)));
    }

    /** In the last fifth of its life, and in its last minute at the earliest. */
    private boolean isDue(Token token) {
        return token.expiresAt()
                .filter(end -> {
                    Duration part = Duration.between(token.issuedAt(), end).dividedBy(LEAD_PART);
                    Duration lead = part.compareTo(LONGEST_LEAD) < 0 ? part : LONGEST_LEAD;
                    return settings.clock().instant().isAfter(end.minus(lead));
                })
                .isPresent();
    }

    private CompletionStage<Optional<Authorization>> submit(Supplier<Optional<TokenAuthorization>> step) {
        return steps.submit(() -> step.get().map(authorization -> authorization.with(nonce)));
    }

    private Optional<TokenAuthorization> renewed() {
        return settings.store().alone(() -> {
            Kept kept = kept();
            Optional<Token> token = kept.token();
            if (token.isEmpty() || (settings.isUsable(token.get()) && !isDue(token.get()))) {
                return hold(kept); // another process was faster
            }
            return keep(fetch().renew(kept, token.get()).orElseGet(() -> unrenewed(kept, token.get())));
        });
    }

    /** A token that nothing renews is asked about once, not before every request of its last minute. */
    private Kept unrenewed(Kept kept, Token token) {
        unrenewable = token.value();
        return settings.isUsable(token) ? kept : kept.withoutToken();
    }

    private Optional<TokenAuthorization> answered(Challenge challenge, Optional<Token> sent) {
        return settings.store().alone(() -> {
            Kept kept = kept();
            boolean hasNewer = kept.token()
                    .filter(token -> !sent.map(Token::value).equals(Optional.of(token.value())))
                    .filter(settings::isUsable)
                    .filter(token -> !challenge.isInsufficientScope() || isWider(token, sent))
                    .isPresent();
            if (hasNewer) {
                return hold(kept);
            }
            if (challenge.isInsufficientScope()) {
                countStepUp();
            }
            return keep(fetch().fetch(challenge, kept, sent));
        });
    }

    private static boolean isWider(Token token, Optional<Token> sent) {
        return sent.isPresent() && !sent.get().scopes().containsAll(token.scopes());
    }

    /** A server that always wants one scope more must not have a person log in for ever. */
    private void countStepUp() {
        Instant now = settings.clock().instant();
        stepUps.removeIf(before -> before.plus(STEP_UPS_WITHIN).isBefore(now));
        if (stepUps.size() >= MOST_STEP_UPS) {
            throw new NoTokenException(
                    Why.SCOPE,
                    "the server " + settings.server() + " asked for more scopes " + MOST_STEP_UPS + " times within "
                            + STEP_UPS_WITHIN.toMinutes() + " minutes",
                    "ask its operator which scopes it needs, and set them in oauth.scopes");
        }
        stepUps.add(now);
    }

    /** The store's contents, without a token of an issuer that is not the chosen one any more, or whose key is damaged. */
    private Kept kept() {
        Kept kept = settings.store().load();
        boolean isForeign = settings.issuer().isPresent()
                && !kept.token().map(Token::issuer).equals(settings.issuer());
        return isForeign || isDamaged(kept) ? kept.withoutToken() : kept;
    }

    private boolean isDamaged(Kept kept) {
        try {
            var unused = kept.token().flatMap(Token::proofKey).map(ProofKey::parse);
            return false;
        } catch (IllegalArgumentException e) {
            settings.store().setAside();
            return true;
        }
    }

    private Optional<TokenAuthorization> keep(Kept kept) {
        settings.store().save(kept);
        return hold(kept);
    }

    private Optional<TokenAuthorization> hold(Kept kept) {
        held = kept.token().map(token -> TokenAuthorization.of(token, settings.server()));
        return held;
    }

    /** Made when the first token is fetched: until then no class of the OAuth library is loaded. */
    private TokenFetch fetch() {
        TokenFetch made = fetch;
        if (made == null) {
            made = new TokenFetch(settings);
            fetch = made;
        }
        return made;
    }

    /** Collects what a client needs; every setting has a default. */
    public static final class Builder {

        private final URI server;
        private final TlsProfile tls;
        private final Set<URI> chosen = new HashSet<>();
        private final Set<Relaxation> relaxations = new HashSet<>();
        private final Set<String> scopes = new HashSet<>();
        private Optional<Path> directory = Optional.empty();
        private Optional<Identity> expected = Optional.empty();
        private Optional<String> issuer = Optional.empty();
        private Predicate<String> confirm = named -> false;
        private Optional<Client> client = Optional.empty();
        private Optional<URI> document = Optional.empty();
        private Optional<Grant> grant = Optional.empty();
        private Browser browser = Browser.none();
        private String name = "mcp-mtls";
        private int redirectPort;
        private Duration loginLimit = Duration.ofMinutes(5);
        private boolean proof;
        private boolean isPublic;
        private InstantSource clock = InstantSource.system();

        private Builder(URI server, TlsProfile tls) {
            this.server = server;
            this.tls = tls;
        }

        /** Where tokens are kept, in files of their owner; default only in memory. */
        public Builder store(Path in) {
            directory = Optional.of(in);
            return this;
        }

        /** The authorization server to use, as its metadata spells it. The MCP server has to name it; credentials go to no other. */
        public Builder issuer(String identifier) {
            issuer = Optional.of(identifier);
            return choosing(URI.create(identifier));
        }

        /**
         * Asks once whether the authorization server that the MCP server names is to be trusted with this client's credentials, where none was
         * chosen; default no.
         */
        public Builder confirmingIssuer(Predicate<String> question) {
            confirm = question;
            return this;
        }

        /** The client that is registered with the authorization server; default none. */
        public Builder client(String id, ClientAuthentication authentication) {
            client = Optional.of(new Client(id, authentication));
            return this;
        }

        /** The https URL of this client's metadata document, its identifier where the authorization server takes such; default none. */
        public Builder clientDocument(URI url) {
            document = Optional.of(url);
            return this;
        }

        /** Gets tokens without a person; default a person logs in. */
        public Builder grant(Grant unattended) {
            grant = Optional.of(unattended);
            return this;
        }

        /** A URL of the operator's choice, such as an identity provider's, which may be anywhere. */
        public Builder choosing(URI url) {
            chosen.add(url);
            return this;
        }

        /** Shows a person where to log in; default none, so that a login fails. */
        public Builder browser(Browser shown) {
            browser = shown;
            return this;
        }

        /** How long a person may take to log in; default 5 minutes. */
        public Builder loginLimit(Duration limit) {
            loginLimit = limit;
            return this;
        }

        /** The name that people read when they consent; default mcp-mtls. */
        public Builder name(String shown) {
            name = shown;
            return this;
        }

        /** The port that the browser is sent back to, where the authorization server knows one only; default any. */
        public Builder redirectPort(int port) {
            redirectPort = port;
            return this;
        }

        /** Scopes to ask for in any case, beside those that the server asks for. */
        public Builder scopes(Set<String> wanted) {
            scopes.addAll(wanted);
            return this;
        }

        /** Binds tokens to a key of this client's own (DPoP, RFC 9449); default only where the server wants it. */
        public Builder proofOfPossession() {
            proof = true;
            return this;
        }

        /**
         * Verifies authorization servers with the JDK's certification authorities, as browsers do; default with the profile's trust anchors. The MCP
         * server itself is always verified by the profile.
         */
        public Builder trustingPublicAuthorities() {
            isPublic = true;
            return this;
        }

        /** The MCP server's identity where it is not the host in its URL, for example its SPIFFE ID: as for the transport. */
        public Builder expecting(Identity identity) {
            expected = Optional.of(identity);
            return this;
        }

        /** Drops a rule about URLs. */
        public Builder relaxed(Relaxation relaxation) {
            relaxations.add(relaxation);
            return this;
        }

        /** The clock that decides what has expired; default the system's clock. */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /** The client; it fetches nothing before the server asks. */
        public OAuthClient build() {
            UrlRules rules = new UrlRules(server, chosen, relaxations);
            TokenStore store = directory
                    .map(in -> TokenStore.in(
                            in,
                            server,
                            client.map(Client::id).orElse(""),
                            tls.credential().chain().leaf()))
                    .orElseGet(TokenStore::inMemory);
            return new OAuthClient(new OAuthSettings(
                    server,
                    new Web(tls, rules, server, expected, isPublic),
                    rules,
                    store,
                    issuer,
                    confirm,
                    client,
                    document,
                    grant,
                    browser,
                    name,
                    redirectPort,
                    loginLimit,
                    Set.copyOf(scopes),
                    proof,
                    clock));
        }
    }
}
