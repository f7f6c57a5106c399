// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.protocol.observe.Observer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TelemetryTest {

    @Test
    void anEndWaitsForTheLastDataAndSendsThemOnce() {
        AtomicInteger sent = new AtomicInteger();
        Telemetry telemetry = new Telemetry(Observer.NONE, sent::incrementAndGet, Duration.ofMinutes(1));

        telemetry.close();
        telemetry.close();

        assertThat(sent).hasValue(1);
    }

    @Test
    void anEndDoesNotWaitForACollectorThatNeverTakesThem() {
        CountDownLatch taken = new CountDownLatch(1);
        Runnable blocking = () -> {
            try {
                taken.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };

        new Telemetry(Observer.NONE, blocking, Duration.ofMillis(50)).close();

        assertThat(taken.getCount()).isOne();
        taken.countDown();
    }
}
