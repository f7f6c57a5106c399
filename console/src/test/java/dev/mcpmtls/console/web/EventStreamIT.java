// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.auditlog.AuditFilter;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.auditlog.AuditSettings;
import dev.mcpmtls.console.events.EventFilter;
import dev.mcpmtls.console.events.LiveEvents;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EventStreamIT {

    private static final Api.StreamQuery ALL = new Api.StreamQuery(
            new EventFilter(new AuditFilter("", "", "", "", Instant.MIN), Set.of(), "", "", Instant.MAX),
            Optional.empty());

    /** Browsers keep the connection, so its end tells nothing. */
    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void aStreamThatEndsHasNoViewerAnyMoreAlthoughItsConnectionStays(@TempDir Path directory) throws Exception {
        Vertx vertx = Vertx.vertx();
        EventStream.Times brief = new EventStream.Times(Duration.ofMillis(20), Duration.ofMillis(100));
        try (AuditLog log = AuditLog.open(AuditSettings.of(directory.resolve("audit.jsonl")), "test");
                LiveEvents live = new LiveEvents(log.path().orElseThrow(), Json::encode)) {
            HttpServer server = vertx.createHttpServer()
                    .requestHandler(request -> assertThat(
                                    EventStream.open(request, ALL, live, vertx.getOrCreateContext(), brief))
                            .isTrue())
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            try (Socket viewer = new Socket("127.0.0.1", server.actualPort())) {
                viewer.getOutputStream()
                        .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(toItsEnd(viewer.getInputStream())).contains("retry: 2000");
                while (live.viewers() > 0) {
                    assertThat(Thread.interrupted()).as("still a viewer").isFalse();
                }
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static String toItsEnd(InputStream in) throws Exception {
        StringBuilder read = new StringBuilder();
        while (read.indexOf("\r\n0\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as("after " + read).isNotNegative();
            read.append((char) next);
        }
        return read.toString();
    }
}
