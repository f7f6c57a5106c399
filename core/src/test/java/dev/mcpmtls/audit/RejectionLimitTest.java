// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.HandshakeFailed;
import dev.mcpmtls.audit.AuditEvent.RejectionsSummarised;
import dev.mcpmtls.audit.AuditEvent.TlsRejected;
import dev.mcpmtls.audit.AuditEvent.TrustReloaded;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.trust.FormRejection;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RejectionLimitTest {

    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");

    private final List<AuditEvent> recorded = new ArrayList<>();
    private final List<Runnable> due = new ArrayList<>();
    private Instant now = START;
    // Twenty may come at once from one address, fifty in total.
    private final RejectionLimit limit = new RejectionLimit(
            event -> {
                recorded.add(event);
                return CompletableFuture.completedFuture(null);
            },
            5,
            2,
            () -> now,
            due::add);

    @Test
    void recordsAsManyAsItIsToldAndSumsUpTheOthers() {
        reject("192.0.2.1", 25);
        limit.record(new HandshakeFailed(now, connection("192.0.2.1", Side.SERVER), "NOT_TLS", "why"));
        assertThat(recorded).hasSize(20).hasOnlyElementsOfType(TlsRejected.class);

        now = now.plusSeconds(10);
        due.forEach(Runnable::run);

        assertThat(recorded)
                .last()
                .isEqualTo(new RejectionsSummarised(
                        now, START, 6, Map.of("NO_CERTIFICATE", 5L, "NOT_TLS", 1L), Map.of("192.0.2.1", 6L)));
    }

    @Test
    void recordsAgainAfterAWhile() {
        reject("192.0.2.1", 25);
        now = now.plus(Duration.ofMinutes(1));
        reject("192.0.2.1", 5);

        assertThat(recorded).hasSize(22);
        assertThat(due).hasSize(1);
    }

    @Test
    void recordsOthersWhileOneAddressFloods() {
        reject("192.0.2.1", 25);
        reject("192.0.2.2", 1);

        assertThat(recorded).hasSize(21);
    }

    @Test
    void boundsAllAddressesTogetherAndWhatIsSaidOfThem() {
        IntStream.range(0, 100).forEach(host -> reject("192.0.2." + host, 1));
        limit.close();

        assertThat(recorded).hasSize(51).last().isInstanceOfSatisfying(RejectionsSummarised.class, summary -> {
            assertThat(summary.count()).isEqualTo(50);
            assertThat(summary.addresses()).hasSize(17).containsEntry("other", 34L);
        });
    }

    @Test
    void takesANetworkOfVersionSixForOneAddress() {
        IntStream.range(0, 30).forEach(host -> reject("2001:db8::" + host, 1));

        assertThat(recorded).hasSize(20);
    }

    @Test
    void recordsEveryOtherEventAsItComes() {
        reject("192.0.2.1", 25);
        IntStream.range(0, 100).forEach(n -> {
            limit.record(new TrustReloaded(now, "crl.pem"));
            limit.record(new HandshakeFailed(now, connection("192.0.2.1", Side.CLIENT), "NOT_TLS", "why"));
        });

        assertThat(recorded).hasSize(220);
    }

    @Test
    void countsRejectionsAlsoAmongEventsThatAreRecordedTogether() {
        AuditEvent rejected = new HandshakeFailed(now, connection("192.0.2.1", Side.SERVER), "NOT_TLS", "why");
        IntStream.range(0, 30)
                .forEach(n -> limit.recordAll(List.of(new TrustReloaded(now, "crl.pem"), rejected))
                        .toCompletableFuture()
                        .join());

        assertThat(recorded).filteredOn(rejected::equals).hasSize(20);
        assertThat(recorded).filteredOn(event -> event instanceof TrustReloaded).hasSize(30);
    }

    @Test
    void hasNothingToSumUpWhenEverythingWasRecorded() {
        reject("192.0.2.1", 20);
        limit.close();

        assertThat(recorded).hasSize(20).hasOnlyElementsOfType(TlsRejected.class);
    }

    private void reject(String from, int times) {
        IntStream.range(0, times)
                .forEach(n -> limit.record(new TlsRejected(
                        now,
                        connection(from, Side.SERVER),
                        Validation.STRICT,
                        Optional.empty(),
                        List.of(new FormRejection.NoCertificate()))));
    }

    private static ConnectionFacts connection(String remote, Side side) {
        return new ConnectionFacts("0011223344556677", side, new InetSocketAddress(remote, 4000), Optional.empty());
    }
}
