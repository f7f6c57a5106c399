// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.authz.TokenRefusedException.Why;
import dev.mcpmtls.testkit.MovableClock;
import dev.mcpmtls.trust.Peer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A verification under test, with a clock that the test moves. */
final class Verifying implements AutoCloseable {

    final MovableClock clock = new MovableClock(Tokens.NOW);
    final TokenVerification verification;

    Verifying(TrustedIssuer.Builder... issuers) {
        this(ProtectedResource.builder(Tokens.RESOURCE), issuers);
    }

    Verifying(ProtectedResource.Builder resource, TrustedIssuer.Builder... issuers) {
        Arrays.stream(issuers).forEach(issuer -> resource.issuer(issuer.build()));
        verification = TokenVerification.start(resource.build(), clock);
    }

    /** An issuer on the loopback with little patience. */
    static TrustedIssuer.Builder trusting(LocalIssuer issuer) {
        return TrustedIssuer.builder(issuer.url()).allowPlainHttpOnLoopback().patience(Duration.ofMillis(700));
    }

    AccessToken accepted(String token, Peer peer) {
        try {
            return verification.verify(token, peer).toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("refused: " + e.getCause(), e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    TokenRefusedException refusal(String token, Peer peer) {
        try {
            AccessToken accepted =
                    verification.verify(token, peer).toCompletableFuture().get(10, TimeUnit.SECONDS);
            return fail("accepted: " + accepted);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(TokenRefusedException.class);
            return (TokenRefusedException) e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    Why why(String token, Peer peer) {
        return refusal(token, peer).why();
    }

    /** Returns when it is true; fails after ten seconds. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        verification.close();
    }
}
