// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecordsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AtomicLong time = new AtomicLong(Long.MAX_VALUE - 1); // overflows while records wait
    private final CompletableFuture<Void> written = new CompletableFuture<>();
    private final Records records = new Records(event -> written, PATIENCE, time::get);

    @Test
    void refusesWhatTheAuditLogDoesNotTakeInTime() {
        CompletableFuture<Void> record = record();
        passes(PATIENCE.plusNanos(1));
        assertThat(record).isNotDone();

        records.sweep();

        assertThat(record).isCompletedExceptionally();
        assertThatThrownBy(record::join)
                .cause()
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.message()).isEqualTo(Records.NO_LOG));
    }

    @Test
    void waitsForARecordAsLongAsItMayTake() {
        CompletableFuture<Void> record = record();
        passes(PATIENCE);

        records.sweep();
        assertThat(record).isNotDone();

        written.complete(null);
        assertThat(record).isCompleted();
    }

    @Test
    void givesEachRecordItsOwnTime() {
        CompletableFuture<Void> first = record();
        passes(PATIENCE);
        CompletableFuture<Void> second = record();
        passes(Duration.ofNanos(1));

        records.sweep();

        assertThat(first).isCompletedExceptionally();
        assertThat(second).isNotDone();
    }

    private CompletableFuture<Void> record() {
        return records.record(new AuditEvent.TrustReloaded(Instant.EPOCH, "anything"))
                .toCompletableFuture();
    }

    private void passes(Duration duration) {
        time.addAndGet(duration.toNanos());
    }
}
