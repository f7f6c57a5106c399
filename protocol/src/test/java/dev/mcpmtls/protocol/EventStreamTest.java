// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.protocol.EventStream.Event;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamTest {

    private final EventStream stream = new EventStream(64);

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void readsEventsWhateverTheLineEnding(String end) {
        String text =
                "\uFEFFid: 7" + end + "event: message" + end + "data: {\"a\":" + end + "data:\"\u00e9\"}" + end + end;
        assertThat(inPieces(text, 1)).containsExactly(new Event(Optional.of("7"), "message", "{\"a\":\n\"\u00e9\"}"));
    }

    @Test
    void readsEventsWhateverThePieces() {
        String text = "data: one\n\ndata: two\n\n";
        for (int size = 1; size < text.length(); size++) {
            assertThat(new EventStreamTest().inPieces(text, size))
                    .extracting(Event::data)
                    .containsExactly("one", "two");
        }
    }

    @Test
    void keepsIdAndRetryOfAnEventWithoutData() {
        assertThat(inPieces("id: 3\nretry: 250\ndata:\n\n", 100)).isEmpty();
        assertThat(stream.lastId()).contains("3");
        assertThat(stream.retry()).contains(Duration.ofMillis(250));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a b", "{\"n\": 1}"})
    void keepsAnIdThatAHeaderCanCarry(String id) {
        inPieces("id: 3\nid: " + id + "\n", 100);
        assertThat(stream.lastId()).contains(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0007", "caf\u00e9", "a\u0000", " edge ", "\u2028"})
    void ignoresAnIdThatNoHeaderCanCarry(String id) {
        inPieces("id: 3\nid: " + id + "\n", 100);
        assertThat(stream.lastId()).contains("3");
    }

    @Test
    void anEmptyIdForgetsTheLast() {
        inPieces("id: 3\nid:\n", 100);
        assertThat(stream.lastId()).isEmpty();
    }

    @Test
    void ignoresCommentsOtherTypesAndUnknownFields() {
        assertThat(inPieces(": hello\nevent: ping\ndata: x\n\nfoo: bar\ndata: y\n\n", 100))
                .extracting(Event::data)
                .containsExactly("y");
    }

    @Test
    void givesEventsOfTheTypesThatAreWanted() {
        EventStream endpoints = new EventStream(64, Set.of("endpoint"));
        assertThat(endpoints.feed("event: endpoint\ndata: /m\n\ndata: x\n\n".getBytes(StandardCharsets.UTF_8)))
                .containsExactly(new Event(Optional.empty(), "endpoint", "/m"));
    }

    @Test
    void endlessCommentsAreNoEvent() {
        for (int i = 0; i < 100; i++) {
            assertThat(inPieces(": keep-alive\n", 100)).isEmpty();
        }
    }

    @Test
    void refusesALineAboveTheBound() {
        assertThatThrownBy(() -> inPieces("data: " + "x".repeat(100), 10))
                .hasMessageStartingWith("a message exceeds 64 bytes");
    }

    @Test
    void refusesAnEventOfManyLinesAboveTheBound() {
        assertThatThrownBy(() -> inPieces("data: x\n".repeat(20), 10))
                .hasMessageStartingWith("a message exceeds 64 bytes");
    }

    private List<Event> inPieces(String text, int size) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<Event> events = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += size) {
            byte[] piece = java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
            events.addAll(stream.feed(piece));
        }
        return events;
    }
}
