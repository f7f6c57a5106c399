// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.transport.server.InMemoryBackend;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SessionTest {

    private static final Duration ALLOWED = Duration.ofMinutes(30);

    private static final ConnectionFacts FACTS = new ConnectionFacts(
            "0123456789abcdef",
            ConnectionFacts.Side.SERVER,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1024),
            Optional.empty());

    private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 1); // overflows while the session lives
    private final Session session = new Session(
            new InMemoryBackend().open(new Opening(caller(), Map.of(), null)),
            caller(),
            Wire.PIPE,
            "2025-11-25",
            Limits.defaults(),
            new Json(64, 4096),
            time::get);

    @Test
    void isIdleOnceItWasNotUsedForLongerThanAllowed() {
        passes(ALLOWED);
        assertThat(session.isIdle(ALLOWED)).isFalse();

        passes(Duration.ofNanos(1));
        assertThat(session.isIdle(ALLOWED)).isTrue();
    }

    @Test
    void isNotIdleWhileItIsUsed() {
        passes(ALLOWED);
        session.touch();
        passes(ALLOWED);

        assertThat(session.isIdle(ALLOWED)).isFalse();
    }

    @Test
    void isNotIdleWhileARequestIsInFlight() {
        Call call = new Call(1);
        session.begin(call);
        passes(ALLOWED.multipliedBy(2));
        assertThat(session.isIdle(ALLOWED)).isFalse();

        session.end(call);
        passes(ALLOWED);
        assertThat(session.isIdle(ALLOWED)).isFalse();
        passes(Duration.ofNanos(1));
        assertThat(session.isIdle(ALLOWED)).isTrue();
    }

    private record Call(Object id) implements Session.Cancellable {

        @Override
        public void cancel() {}
    }

    private void passes(Duration duration) {
        time.addAndGet(duration.toNanos());
    }

    private static Caller caller() {
        ThrowawayCa ca = ThrowawayCa.root("Root");
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system());
        Chain chain = new Chain(ca.client("alice").chain());
        return new Caller(((Verdict.Accepted) verifier.verifyClient(chain)).peer(), FACTS);
    }
}
