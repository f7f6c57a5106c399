// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.client.KeptStream.End;
import io.modelcontextprotocol.spec.McpTransportSessionNotFoundException;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

class KeptStreamTest {

    private static final Duration SOON = Duration.ofMillis(1);

    @Test
    void opensAgainWhateverBrokeIt() throws Exception {
        URI server = URI.create("https://localhost/mcp");
        Iterator<Mono<End>> streams = List.<Mono<End>>of(
                        Mono.just(End.OVER),
                        Mono.error(new ConnectionException.Unreachable(server, "gone", null)),
                        Mono.error(new IllegalArgumentException("unforeseen")),
                        Mono.never())
                .iterator();
        CountDownLatch last = new CountDownLatch(4);
        Disposable kept = KeptStream.open(
                () -> {
                    last.countDown();
                    return streams.next();
                },
                () -> SOON);

        assertThat(last.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(kept.isDisposed()).isFalse();
        kept.dispose();
    }

    @Test
    void endsWithItsSession() {
        assertThat(endsAfter(Mono.error(new McpTransportSessionNotFoundException("s"))))
                .isTrue();
    }

    @Test
    void endsWhereThereIsNoSuchStream() {
        assertThat(endsAfter(Mono.just(End.NONE))).isTrue();
    }

    private static boolean endsAfter(Mono<End> only) {
        CountDownLatch again = new CountDownLatch(2);
        Disposable kept = KeptStream.open(
                () -> {
                    again.countDown();
                    return only;
                },
                () -> SOON);
        return kept.isDisposed() && again.getCount() == 1;
    }
}
