// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.Call;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallListenerIT {

    private record Ended(Call call, Duration took) {}

    private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

    @Test
    void hearsOfEachPermittedCallOnce() throws Exception {
        try (Station station = station()) {
            station.agent("alice").send(station.agent("alice").modernCall("hello", ""));

            Ended call = ended.poll(10, TimeUnit.SECONDS);
            assertThat(call).isNotNull();
            assertThat(call.call()).isEqualTo(new Call("station", "tools/call", "hello"));
            assertThat(call.took()).isPositive();
        }
        assertThat(ended).isEmpty();
    }

    @Test
    void hearsNothingOfADeniedCall() throws Exception {
        try (Station station = Station.open(
                settings -> settings.calls((call, took) -> ended.add(new Ended(call, took)))
                        .accessPolicy((peer, call) -> new dev.mcpmtls.authz.Decision.Deny("not today")),
                Station.tool("hello", (exchange, call) -> "hello"))) {
            Agent alice = station.agent("alice");
            assertThat(alice.send(alice.modernCall("hello", "")).status()).isEqualTo(403);
        }
        assertThat(ended).isEmpty();
    }

    @Test
    void openConnectionsAndSessionsAreCounted() throws Exception {
        try (Station station = station()) {
            assertThat(station.transport().openConnections()).isZero();
            station.agent("alice").initialize();
            assertThat(station.transport().openConnections()).isEqualTo(1);
            assertThat(station.transport().openSessions()).isEqualTo(1);
        }
    }

    private Station station() {
        return Station.open(
                settings -> settings.calls((call, took) -> ended.add(new Ended(call, took))),
                Station.tool("hello", (exchange, call) -> "hello"));
    }
}
