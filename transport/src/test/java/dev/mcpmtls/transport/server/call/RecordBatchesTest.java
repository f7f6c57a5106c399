// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.transport.server.caller.Owner;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The steps of a real event loop after decisions have been recorded. */
class RecordBatchesTest {

    private static final long LONG = 5_000_000;

    private final ThrowawayCa ca = ThrowawayCa.root("Root");
    private final Owner mallory = owner("mallory");
    private final Owner alice = owner("alice");
    private final AtomicLong time = new AtomicLong();
    private final List<String> seen = new ArrayList<>();
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private CountDownLatch left = new CountDownLatch(0);

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void goesOnInOrder() throws Exception {
        run(AuditSink.none(), 3, turn -> {
            turn.record(mallory, event(), step("m1"));
            turn.record(alice, event(), step("a1"));
            turn.record(mallory, event(), step("m2"));
        });

        assertThat(seen).containsExactly("m1 null", "a1 null", "m2 null");
    }

    @Test
    void letsNobodyWaitForAllThatAnotherHasToBeDone() throws Exception {
        run(AuditSink.none(), 6, turn -> {
            for (int i = 1; i <= 4; i++) {
                turn.record(mallory, event(), longStep("m" + i));
            }
            turn.record(alice, event(), step("a1"));
            turn.record(alice, event(), step("a2"));
        });

        assertThat(seen).hasSize(6).containsSubsequence("m1 null", "m2 null", "m3 null", "m4 null");
        assertThat(seen).containsSubsequence("a1 null", "m3 null").containsSubsequence("a2 null", "m4 null");
    }

    @Test
    void looksAfterTheRestOfTheLoopInBetween() throws Exception {
        run(AuditSink.none(), 3, turn -> {
            turn.record(
                    mallory,
                    event(),
                    longStep("m1")
                            .andThen(done -> loop.runOnContext(now -> {
                                seen.add("other");
                                loop.runOnContext(next -> seen.add("yet another"));
                            })));
            turn.record(mallory, event(), longStep("m2"));
            turn.record(mallory, event(), longStep("m3"));
        });

        assertThat(seen).containsExactly("m1 null", "other", "yet another", "m2 null", "m3 null");
    }

    @Test
    void goesOnWithTheOthersWhenOneFails() throws Exception {
        Consumer<@Nullable RefusedException> failing = refused -> {
            throw new IllegalStateException("on purpose");
        };
        run(AuditSink.none(), 2, turn -> {
            turn.record(mallory, event(), failing);
            turn.record(mallory, event(), longStep("m1"));
            turn.record(mallory, event(), failing);
            turn.record(alice, event(), step("a1"));
        });

        assertThat(seen).containsExactly("m1 null", "a1 null");
    }

    @Test
    void tellsAlsoThoseWhoWaitThatNothingWasRecorded() throws Exception {
        run(event -> CompletableFuture.failedFuture(new IllegalStateException("disk full")), 2, turn -> {
            turn.record(mallory, event(), longStep("m1"));
            turn.record(mallory, event(), step("m2"));
        });

        assertThat(seen).noneMatch(step -> step.endsWith("null")).hasSize(2);
    }

    private void run(AuditSink sink, int steps, Consumer<RecordBatches> recording) throws Exception {
        left = new CountDownLatch(steps);
        Records records = new Records(sink, Duration.ofSeconds(10), time::get);
        loop.runOnContext(now -> recording.accept(new RecordBatches(loop, records, time::get)));
        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private Consumer<@Nullable RefusedException> step(String name) {
        return refused -> {
            seen.add(name + " " + refused);
            left.countDown();
        };
    }

    private Consumer<@Nullable RefusedException> longStep(String name) {
        return step(name).andThen(done -> time.addAndGet(LONG));
    }

    private static AuditEvent event() {
        return new AuditEvent.TrustReloaded(Instant.EPOCH, "anything");
    }

    private Owner owner(String name) {
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system());
        return Owner.of(((Verdict.Accepted)
                        verifier.verifyClient(new Chain(ca.client(name).chain())))
                .peer());
    }
}
