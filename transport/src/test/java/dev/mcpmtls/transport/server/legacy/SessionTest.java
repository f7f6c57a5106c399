// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.transport.server.InMemoryBackend;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.caller.Callers;
import dev.mcpmtls.transport.server.caller.Limits;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SessionTest {

    private static final Duration ALLOWED = Duration.ofMinutes(30);

    private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 1); // overflows while the session lives
    private final Session session = new Session(
            new InMemoryBackend().open(new Opening(Callers.alice(), Map.of(), null)),
            Callers.alice(),
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

    @Test
    void subscribesToSoManyResourcesAsAreKeptCheaply() {
        session.subscribes("u".repeat(200_000));
        session.subscribes("u".repeat(200_000));
        assertThatThrownBy(() -> session.subscribes("v".repeat(100_000)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("unsubscribe from some");

        session.unsubscribes("another");
        session.unsubscribes("u".repeat(200_000));
        session.subscribes("v".repeat(100_000));
    }

    private record Call(Object id) implements Session.Cancellable {

        @Override
        public void cancel() {}
    }

    private void passes(Duration duration) {
        time.addAndGet(duration.toNanos());
    }
}
