// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.transport.server.caller.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A log whose disk is full, but for the rest of its last block: what still fits is written, the rest is not. */
class UnrecordedIT {

    private static final int REQUESTS = 200;

    private final AtomicInteger room = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger ran = new AtomicInteger();

    private final class FullDisk implements AuditSink {

        @Override
        public CompletionStage<Void> record(AuditEvent event) {
            return recordAll(List.of(event));
        }

        /** All or none, and only after a while, as from another thread. */
        @Override
        public CompletionStage<Void> recordAll(List<AuditEvent> events) {
            return CompletableFuture.runAsync(() -> {
                if (room.addAndGet(-events.size()) < 0) {
                    room.addAndGet(events.size());
                    throw new IllegalStateException("No space left on device");
                }
                written.addAndGet((int) events.stream()
                        .filter(AuditEvent.CallDecided.class::isInstance)
                        .count());
            });
        }
    }

    @Test
    void isServedNowhere() throws Exception {
        try (Station station = Station.open(
                settings -> settings.audit(new FullDisk())
                        .limits(Limits.builder().inFlightPerIdentity(REQUESTS).build()),
                Station.tool("count", (exchange, call) -> String.valueOf(ran.incrementAndGet())))) {
            List<Agent> agents = List.of(station.agent("alice"), station.agent("bob"));
            for (Agent agent : agents) {
                assertThat(agent.send(agent.modernCall("count", "")).status()).isEqualTo(200);
            }
            room.set(3);

            List<CompletableFuture<Agent.Answer>> answers = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                Agent agent = agents.get(i % agents.size());
                answers.add(agent.sendAsync(agent.modernCall("count", "")));
            }
            long served = 0;
            for (CompletableFuture<Agent.Answer> answer : answers) {
                assertThat(answer.join().status()).isIn(200, 503);
                served += answer.join().status() == 200 ? 1 : 0;
            }

            assertThat(written.get()).isBetween(2, 5);
            assertThat(served + agents.size()).isEqualTo(written.get());
            assertThat(ran).hasValue(written.get());
        }
    }
}
