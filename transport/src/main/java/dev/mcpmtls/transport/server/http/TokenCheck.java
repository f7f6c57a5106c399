// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.Quota;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.trust.Peer;
import io.vertx.core.http.HttpHeaders;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the access token of each request verified before anything is done for it. Nothing is kept from one request to the next. Until its token
 * is verified, a request has a place among those of its certificate; afterwards it counts for the pair of certificate and token.
 */
public final class TokenCheck {

    private static final Logger LOG = LoggerFactory.getLogger(TokenCheck.class);

    private final AccessTokens tokens;
    private final String server;
    private final InstantSource clock;
    private final Quota waiting;

    /**
     * The check of one server.
     *
     * @param server its MCP name, for the audit log
     */
    public TokenCheck(AccessTokens tokens, String server, InstantSource clock, Limits limits) {
        this.tokens = tokens;
        this.server = server;
        this.clock = clock;
        this.waiting = new Quota(limits.inFlight(), limits.inFlightPerIdentity());
    }

    /** The path of the metadata that names the authorization servers. */
    String metadataPath() {
        return tokens.metadataPath();
    }

    /** The metadata. */
    byte[] metadata() {
        return tokens.metadata();
    }

    /**
     * Passes a request on when its token permits that, else refuses it. From any thread.
     *
     * @param id of the request's message, for a refusal
     * @param then receives the request with the claims of its token, on the event loop
     */
    void check(ReceivedRequest incoming, @Nullable Object id, Consumer<ReceivedRequest> then) {
        incoming.reply().onLoop(() -> {
            try {
                waiting.require(incoming.owner(), "requests whose access token is being verified");
            } catch (RefusedException full) {
                incoming.reply().refuse(id, full);
                return;
            }
            new Pending(incoming, id, then).begin();
        });
    }

    private CompletableFuture<AccessToken> verified(String header, Peer peer) {
        try {
            CompletableFuture<AccessToken> begun =
                    tokens.verifier().verify(BearerHeader.token(header), peer).toCompletableFuture();
            return begun.isDone()
                    ? begun
                    : begun.copy().orTimeout(tokens.patience().toNanos(), TimeUnit.NANOSECONDS);
        } catch (RuntimeException | TokenRefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * A refusal as it is answered and recorded.
     *
     * @param challenge the value of {@code WWW-Authenticate}; null when no other token would help
     */
    private record Refusal(
            String reason,
            RefusedException answer,
            @Nullable String challenge,
            Optional<AccessToken> token,
            Optional<String> boundTo) {}

    private Refusal missing() {
        String why = "an access token is needed besides the certificate; " + tokens.metadataPath()
                + " names the authorization servers that issue one";
        return new Refusal(
                "TOKEN_MISSING", unauthenticated(why), tokens.challenge(), Optional.empty(), Optional.empty());
    }

    private Refusal repeated() {
        String why = "there is more than one Authorization header; send one";
        return new Refusal(
                "TOKEN_INVALID", RefusedException.invalidRequest(why), null, Optional.empty(), Optional.empty());
    }

    private Refusal refusal(TokenRefusedException refused) {
        String why = String.valueOf(refused.getMessage());
        RefusedException answer = switch (refused.why()) {
            case UNAVAILABLE -> RefusedException.unavailable(why);
            case INSUFFICIENT_SCOPE -> new RefusedException(RefusedException.DENIED, RefusedException.DENIED, why);
            case INVALID, EXPIRED, WRONG_ISSUER, WRONG_AUDIENCE, WRONG_BINDING, REVOKED -> unauthenticated(why);
        };
        String challenge = switch (refused.why()) {
            case UNAVAILABLE -> null;
            case INSUFFICIENT_SCOPE -> tokens.stepUp(why, refused.token(), Set.of());
            case INVALID, EXPIRED, WRONG_ISSUER, WRONG_AUDIENCE, WRONG_BINDING, REVOKED -> tokens.challenge(refused);
        };
        Optional<String> boundTo = refused.boundTo().map(TokenCheck::hex);
        return new Refusal("TOKEN_" + refused.why(), answer, challenge, refused.token(), boundTo);
    }

    private static RefusedException unauthenticated(String why) {
        return new RefusedException(RefusedException.UNAUTHENTICATED, RefusedException.UNAUTHENTICATED, why);
    }

    /** In the form that records have of the peer's own certificate. */
    private static String hex(String thumbprint) {
        try {
            return HexFormat.of().formatHex(Base64.getUrlDecoder().decode(thumbprint));
        } catch (IllegalArgumentException e) {
            return thumbprint;
        }
    }

    /** A failure of the verifier as the refusal that it is or stands for. */
    private static TokenRefusedException cause(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof TokenRefusedException refused) {
            return refused;
        }
        if (!(cause instanceof TimeoutException)) {
            LOG.error("an access token could not be verified", cause);
        }
        String why = cause instanceof TimeoutException ? "takes too long" : "failed; the server's log says why";
        return new TokenRefusedException(
                Why.UNAVAILABLE, "the verification of the access token " + why + "; try again later");
    }

    /** A request that has a place among those whose token is being verified. On its event loop only. */
    private final class Pending {

        private final ReceivedRequest incoming;
        private final @Nullable Object id;
        private final Consumer<ReceivedRequest> then;

        Pending(ReceivedRequest incoming, @Nullable Object id, Consumer<ReceivedRequest> then) {
            this.incoming = incoming;
            this.id = id;
            this.then = then;
        }

        void begin() {
            List<String> headers = incoming.headers().getAll(HttpHeaders.AUTHORIZATION);
            if (headers.size() > 1) {
                refuse(repeated());
            } else if (!headers.isEmpty()) {
                verify(headers.get(0));
            } else if (tokens.isRequired()) {
                refuse(missing());
            } else {
                pass(incoming);
            }
        }

        private void verify(String header) {
            CompletableFuture<AccessToken> verified =
                    verified(header, incoming.caller().peer());
            incoming.reply().whenGone(() -> verified.cancel(false));
            var unused =
                    verified.whenComplete((claims, failure) -> incoming.reply().onLoop(() -> settle(claims, failure)));
        }

        private void settle(@Nullable AccessToken claims, @Nullable Throwable failure) {
            if (incoming.reply().isDone()) {
                waiting.give(incoming.owner()); // its client has gone
            } else if (claims == null) {
                refuse(refusal(cause(failure)));
            } else if (claims.scopes().containsAll(tokens.scopes())) {
                pass(incoming.with(claims, clock));
            } else {
                String why = "the access token needs the scopes " + String.join(" ", tokens.scopes());
                refuse(refusal(new TokenRefusedException(Why.INSUFFICIENT_SCOPE, why, Optional.of(claims))));
            }
        }

        private void pass(ReceivedRequest checked) {
            waiting.give(incoming.owner());
            try {
                then.accept(checked);
            } catch (RuntimeException e) {
                incoming.reply().refuse(id, RefusedException.of(e));
            }
        }

        /** Answers when the refusal is recorded. */
        private void refuse(Refusal refusal) {
            AuditEvent event = new AuditEvent.TokenRefused(
                    clock.instant(),
                    incoming.caller().connection(),
                    incoming.caller().peer(),
                    server,
                    refusal.reason(),
                    refusal.answer().message(),
                    refusal.token(),
                    refusal.boundTo());
            incoming.batches().record(incoming.owner(), event, unrecorded -> {
                waiting.give(incoming.owner());
                if (unrecorded == null && refusal.challenge() != null) {
                    incoming.reply().header("www-authenticate", refusal.challenge());
                }
                incoming.reply().refuse(id, unrecorded == null ? refusal.answer() : unrecorded);
            });
        }
    }
}
