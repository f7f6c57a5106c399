// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class StartersTest {

    @Test
    void aServerWhoseStartsWaitDelaysNoOtherAndItsQueueEnds() throws Exception {
        CountDownLatch room = new CountDownLatch(1);
        try (Starters starters = new Starters()) {
            Executor full = starters.of("full");
            for (int start = 0; start < Starters.THREADS + Starters.MAX_WAITING; start++) {
                full.execute(() -> awaited(room));
            }
            assertThatThrownBy(() -> full.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);

            CountDownLatch started = new CountDownLatch(1);
            starters.of("other").execute(started::countDown);
            assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();

            room.countDown();
            CountDownLatch late = new CountDownLatch(1);
            assertThat(Front.comesTrue(() -> isTaken(full, late))).isTrue();
            assertThat(late.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            room.countDown();
        }
    }

    private static boolean isTaken(Executor executor, CountDownLatch ran) {
        try {
            executor.execute(ran::countDown);
            return true;
        } catch (RejectedExecutionException full) {
            return false;
        }
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
