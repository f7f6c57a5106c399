// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Limits;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Callers with a good certificate and bad intentions. */
class HostileIT {

    private static Station shared;

    private final Agent mallory = shared.agent("mallory");

    @BeforeAll
    static void open() {
        shared = Station.open(Station.who());
    }

    @AfterAll
    static void close() {
        shared.close();
    }

    @Test
    void doesNotMakeGigabytesOfObjectsOutOfMegabytesOfText() throws Exception {
        String many = "[],".repeat(1_300_000);

        Answer answer =
                mallory.post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"a\":[" + many + "0]}}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/message").asString()).contains("too many values");
    }

    @Test
    void keepsOnlySoMuchInMemoryWithBodiesThatItDoesNotEnd() throws Exception {
        Limits small = Limits.builder()
                .maxBody(64 * 1024)
                .requestBytes(256 * 1024)
                .requestBytesPerIdentity(64 * 1024)
                .build();
        String half = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Accept: application/json, text/event-stream\r\nContent-Length: 65000\r\n\r\n" + " ".repeat(40_000);
        List<Socket> open = new ArrayList<>();
        try (Station station = Station.open(settings -> settings.limits(small), Station.who())) {
            open.add(station.socket("mallory"));
            open.get(0).getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
            Socket second = station.socket("mallory");
            open.add(second);
            second.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));

            String answer = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 429").contains("bytes of requests");
            Agent alice = station.agent("alice");
            assertThat(alice.send(alice.modernCall("who", "")).status()).isEqualTo(200);

            open.get(0).close();
            Agent again = station.agent("mallory");
            assertThat(Station.comesTrue(Duration.ofSeconds(10), () -> isServed(again)))
                    .isTrue();
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    /** Whatever the client makes of it, a body is not much larger in memory than it is counted. */
    @Test
    void keepsABodyOfManySmallPartsInTheRoomThatItTakes() throws Exception {
        int parts = 400_000;
        try (Socket socket = shared.socket("mallory")) {
            long before = heap();
            Station.write(socket, Agent.HEAD + "Transfer-Encoding: chunked\r\n\r\n");
            String thousand = "1\r\n \r\n".repeat(1_000);
            for (int sent = 0; sent < parts; sent += 1_000) {
                Station.write(socket, thousand);
            }
            assertThat(Station.comesTrue(
                            Duration.ofSeconds(20),
                            () -> shared.transport().load().requestBytes() == parts))
                    .isTrue();

            assertThat(heap() - before).isLessThan(20L * parts);
        }
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static boolean isServed(Agent agent) {
        try {
            String padded = ",\"padding\":\"" + "x".repeat(50_000) + "\"";
            return agent.send(agent.modernCall("who", padded)).status() == 200;
        } catch (Exception e) {
            return false;
        }
    }

    /** Answers of handlers that have long ended are memory too. */
    @Test
    void answersThatAreNotReadKeepTheirPlace() throws Exception {
        String large = "x".repeat(16 * 1024 * 1024);
        try (Station station = Station.open(
                settings ->
                        settings.limits(Limits.builder().inFlightPerIdentity(1).build()),
                Station.tool("long", (exchange, call) -> large))) {
            Socket deaf = station.socket("mallory");
            deaf.getOutputStream().write(Agent.raw("long").getBytes(StandardCharsets.UTF_8));
            assertThat(deaf.getInputStream().read()).isEqualTo('H');

            Agent second = station.agent("mallory");
            assertThat(second.send(second.modernCall("long", "")).status()).isEqualTo(429);
            deaf.close();
            assertThat(Station.comesTrue(Duration.ofSeconds(10), () -> {
                        try {
                            return second.send(second.modernCall("long", "")).status() == 200;
                        } catch (Exception e) {
                            return false;
                        }
                    }))
                    .isTrue();
        }
    }

    @Test
    void endsAsOftenAsItIsTold() {
        Station station = Station.open(Station.who());

        CompletableFuture<Void> first = station.transport().shutdown(Duration.ofSeconds(1));
        CompletableFuture<Void> second = station.transport().shutdown(Duration.ZERO);

        assertThat(first).succeedsWithin(Duration.ofSeconds(20));
        assertThat(second).succeedsWithin(Duration.ofSeconds(20));
        assertThat(station.transport().closeGracefully().toFuture()).succeedsWithin(Duration.ofSeconds(20));
    }
}
