// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.doctor.Check.Fault;
import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.discovery.AuthorizationServer;
import dev.mcpmtls.oauth.client.discovery.Discovery;
import dev.mcpmtls.oauth.client.discovery.ProtectedResource;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.UrlRules;
import dev.mcpmtls.oauth.client.web.Web;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.tls.TlsProfile;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Checks of access tokens: the server's words about them, the authorization servers that it names, and our token. The token is never printed. */
final class TokenChecks {

    private static final int MOST_ISSUERS = 4;
    private static final Challenge NO_CHALLENGE = new Challenge(401, List.of(), Optional.empty());

    private final URI server;
    private final TlsProfile profile;
    private final TokenSource tokens;
    private final Deadline deadline;
    private final Discovery discovery;
    private final List<Check> checks = new ArrayList<>();

    TokenChecks(URI server, TlsProfile profile, TokenSource tokens, Deadline deadline) {
        this.server = server;
        this.profile = profile;
        this.tokens = tokens;
        this.deadline = deadline;
        this.discovery = new Discovery(
                new Web(profile, new UrlRules(server, Set.of(), Set.of()), server, Optional.empty(), false), server);
    }

    /** The token that goes with the next request. */
    static Optional<Authorization> current(TokenSource tokens, Deadline deadline) {
        return await(tokens::current, deadline);
    }

    /**
     * Explains why the server wants or refuses a token.
     *
     * @param challenge of the server; empty when it raised no objection
     * @param sent the token that it got; empty for none
     */
    List<Check> explain(Optional<Challenge> challenge, Optional<Authorization> sent) {
        Challenge asked = challenge.orElse(NO_CHALLENGE);
        Optional<ProtectedResource> resource = resource(asked);
        if (resource.isEmpty() && challenge.isEmpty()) {
            return checks;
        }
        resource.ifPresent(this::issuers);
        token(asked, sent)
                .ifPresent(token -> checks.addAll(
                        new TokenProperties(server, resource, scopes(asked), profile.credential(), profile.clock())
                                .explain(token, challenge.isPresent() && sent.isPresent())));
        return checks;
    }

    private Optional<ProtectedResource> resource(Challenge challenge) {
        try {
            ProtectedResource found = within(() -> discovery.protectedResource(challenge));
            checks.add(found.described() ? described(found) : undescribed(challenge));
            return Optional.of(found).filter(ProtectedResource::described);
        } catch (NoTokenException e) {
            checks.add(failed(Step.RESOURCE_METADATA, e));
            return Optional.empty();
        }
    }

    private static Check described(ProtectedResource found) {
        return Check.ok(
                Step.RESOURCE_METADATA,
                Printable.clean(found.resource()) + " takes tokens from " + list(found.issuers())
                        + (found.scopes().isEmpty() ? "" : ", with the scopes " + list(found.scopes()))
                        + (found.bound() ? ", bound to our certificate" : ""));
    }

    private static Check undescribed(Challenge challenge) {
        return challenge.equals(NO_CHALLENGE)
                ? Check.warning(
                        Step.RESOURCE_METADATA,
                        "the server publishes nothing about tokens, so it does not look at ours",
                        "leave the token out; the certificate alone decides")
                : Check.failed(
                        Step.RESOURCE_METADATA,
                        "the server wants a token, and does not publish for whom and from where (RFC 9728)",
                        "ask the operator of the server to publish its resource metadata");
    }

    private void issuers(ProtectedResource resource) {
        for (String issuer : resource.issuers().stream().limit(MOST_ISSUERS).toList()) {
            try {
                AuthorizationServer found = within(() -> discovery.authorizationServer(issuer, true));
                checks.add(
                        found.bindsToCertificate() || !resource.bound()
                                ? Check.ok(Step.AUTHORIZATION_SERVER, Printable.clean(issuer) + " answers, as itself")
                                : Check.warning(
                                        Step.AUTHORIZATION_SERVER,
                                        Printable.clean(issuer) + " does not say that it binds tokens to certificates",
                                        "if the server wants bound tokens, have the authorization server's operator"
                                                + " turn them on (RFC 8705), for this client"));
                checks.add(grants(issuer, found));
            } catch (NoTokenException e) {
                checks.add(failed(Step.AUTHORIZATION_SERVER, e));
            }
        }
    }

    private static Check grants(String issuer, AuthorizationServer found) {
        List<String> ways = new ArrayList<>();
        if (found.authorizationEndpoint().isPresent() && found.hasProofOfCode()) {
            ways.add("people log in with a browser");
        }
        if (found.tokenEndpoint().isPresent() && found.grants().contains("client_credentials")) {
            ways.add("programs authenticate by "
                    + list(found.authenticationMethods().stream()
                            .map(Object::toString)
                            .toList()));
        }
        return ways.isEmpty()
                ? Check.failed(
                        Step.GRANT,
                        Printable.clean(issuer) + " offers no grant that we can use, only " + list(found.grants()),
                        "have its operator permit the authorization code with PKCE (S256), or client credentials")
                : Check.ok(Step.GRANT, String.join("; ", ways));
    }

    /** Ours, or one that is fetched now. */
    private Optional<String> token(Challenge challenge, Optional<Authorization> sent) {
        try {
            Optional<Authorization> ours =
                    sent.isPresent() ? sent : await(() -> tokens.answer(challenge, Optional.empty()), deadline);
            if (ours.isEmpty()) {
                checks.add(Check.failed(
                        Step.TOKEN,
                        "we have none",
                        "name the client that fetches one in oauth.client-id, or log in by a call of one of"
                                + " its tools"));
            }
            return ours.map(authorization -> authorization.headers("GET").getOrDefault("Authorization", ""))
                    .map(header -> header.substring(header.indexOf(' ') + 1));
        } catch (NoTokenException e) {
            checks.add(failed(Step.TOKEN, e));
            return Optional.empty();
        }
    }

    private static List<String> scopes(Challenge challenge) {
        return challenge
                .parameter("scope")
                .map(text -> List.of(text.strip().split(" +")))
                .orElse(List.of());
    }

    private <T> T within(Supplier<T> step) {
        return await(() -> CompletableFuture.supplyAsync(step), deadline);
    }

    private static <T> T await(Supplier<CompletionStage<T>> begun, Deadline deadline) {
        try {
            return begun.get().toCompletableFuture().get(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new NoTokenException(
                    NoTokenException.Why.UNREACHABLE,
                    "no answer in time",
                    "check its address and its load, or allow more time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoTokenException(NoTokenException.Why.UNREACHABLE, "it was interrupted", "try again");
        }
    }

    private static Check failed(Step step, NoTokenException why) {
        Fault fault = switch (why.why()) {
            case UNREACHABLE -> Fault.UNREACHABLE;
            case REFUSED, PERSON, SCOPE, CLIENT -> Fault.REFUSED;
            case ADDRESS, METADATA, RESOURCE, ISSUER -> Fault.FAILED;
        };
        return Check.failed(step, fault, why.problem(), why.remedy().orElse("ask the operator of the server"));
    }

    private static String list(Collection<String> words) {
        return Printable.clean(words.stream().sorted().collect(java.util.stream.Collectors.joining(", ")));
    }
}
