// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import static dev.mcpmtls.console.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Live events, for viewers that are quick, slow or too many. */
class ConsoleStreamIT extends RunningConsole {

    @Test
    void aStreamBeginsWithHelloGoesOnWithWhatHappensAndResumes() throws Exception {
        try (Stream first = new Stream("stream?action=tls-rejected", "")) {
            assertThat(first.next("hello")).contains("\"id\":");
            record(Events.accepted(PEER, NOW));
            record(Events.rejected("spiffe://test.example/agent/late", NOW));

            String event = first.next("audit");

            assertThat(event).contains("spiffe://test.example/agent/late");
            long id = Long.parseLong(event.replaceFirst(".*?\"id\":(\\d+).*", "$1"));
            try (Stream again = new Stream("stream", Long.toString(id - 2))) {
                again.next("hello");
                assertThat(again.next("audit")).contains("\"id\":" + (id - 1) + ",");
                assertThat(again.next("audit")).contains("\"id\":" + id + ",");
            }
        }
    }

    @Test
    void theTwentyFirstViewerIsTurnedAwayAndTheNextIsServedWhenOneLeaves() throws Exception {
        List<Stream> open = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                open.add(new Stream("stream", ""));
                open.get(i).next("hello");
            }
            HttpResponse<String> refused = get("stream");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).isPresent();
            assertThat(refused.body()).contains("TOO_MANY_VIEWERS");
            assertThat(get("map").statusCode()).isEqualTo(200);
        } finally {
            for (Stream stream : open) {
                stream.close();
            }
        }
        while (get("figures").body().matches(".*\"viewers\":[1-9].*")) {
            Thread.onSpinWait();
        }
        try (Stream next = new Stream("stream", "")) {
            assertThat(next.next("hello")).isNotEmpty();
        }
    }

    @Test
    void aSlowViewerMissesEventsAndLearnsHowManyWhileOthersMissNone() throws Exception {
        int many = 6_000;
        try (Stream slow = new Stream("stream", "");
                Stream fast = new Stream("stream?action=call-denied", "")) {
            slow.next("hello");
            fast.next("hello");
            CompletableFuture<Integer> counted = CompletableFuture.supplyAsync(() -> fast.countUntil("last-one"));
            List<CompletableFuture<Void>> written = IntStream.range(0, many)
                    .mapToObj(i -> sink.record(Events.accepted(PEER, NOW)).toCompletableFuture())
                    .toList();
            written.forEach(CompletableFuture::join);
            record(Events.called(PEER, "last-one", Events.denied(), NOW));

            assertThat(counted.get()).isEqualTo(1);
            Counts counts = slow.countAll(many + 1);
            assertThat(counts.events() + counts.missed()).isEqualTo(many + 1);
            assertThat(counts.missed()).isPositive();
        }
    }

    private record Counts(long events, long missed) {}

    /** A stream as a page reads it. */
    private static final class Stream implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader reader;

        Stream(String endpoint, String last) throws IOException {
            socket = new Socket();
            socket.setReceiveBufferSize(8 * 1024);
            socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
            socket.setSoTimeout(20_000);
            String head = "GET /console/api/" + endpoint + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + TOKEN.reveal() + (last.isEmpty() ? "" : "\r\nLast-Event-ID: " + last) + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII), 1024);
        }

        /** The data of the next event of that kind. */
        String next(String event) throws IOException {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.equals("event: " + event)) {
                    return reader.readLine().substring("data: ".length());
                }
            }
            throw new IOException("the stream ended");
        }

        int countUntil(String text) {
            try {
                int count = 0;
                while (true) {
                    count++;
                    if (next("audit").contains(text)) {
                        return count;
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Counts events and missed ones until all are accounted for. */
        Counts countAll(long all) throws IOException {
            long events = 0;
            long missed = 0;
            while (events + missed < all) {
                String line = reader.readLine();
                if (line.equals("event: audit")) {
                    events++;
                } else if (line.equals("event: missed")) {
                    missed += Long.parseLong(reader.readLine().replaceAll("\\D", ""));
                }
            }
            return new Counts(events, missed);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
