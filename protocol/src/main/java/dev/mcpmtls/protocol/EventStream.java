// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code text/event-stream} (WHATWG HTML, section 9.2.6) in whatever pieces it comes, holding at most one event of bounded
 * size.
 */
public final class EventStream {

    private static final Pattern HEADER_SAFE = Pattern.compile("[!-~]|[!-~][ -~]{0,1022}[!-~]");
    private static final long MIN_RETRY_MILLIS = 100;
    private static final long MAX_RETRY_MILLIS = 60_000;

    private static final String MESSAGE = "message";

    private final int maxEventBytes;
    private final Set<String> types;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private boolean hasData;
    private boolean afterCarriageReturn;
    private boolean started;
    private int eventBytes;
    private String type = MESSAGE;
    private @Nullable String id;
    private @Nullable Duration retry;

    /** Refuses events, and lines, above {@code maxEventBytes}; gives those of type {@code message}. */
    public EventStream(int maxEventBytes) {
        this(maxEventBytes, Set.of(MESSAGE));
    }

    /** As the other, of these types. */
    public EventStream(int maxEventBytes, Set<String> types) {
        this.maxEventBytes = maxEventBytes;
        this.types = Set.copyOf(types);
    }

    /**
     * One event.
     *
     * @param id the last id seen on the stream, where a broken stream can be taken up again
     */
    public record Event(Optional<String> id, String type, String data) {}

    /** An event above the bound. */
    public static final class TooLargeException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public TooLargeException(int bound) {
            super("a message exceeds " + bound + " bytes, our own limit; ask for less");
        }
    }

    /** The events that {@code bytes} complete. */
    public List<Event> feed(byte[] bytes) {
        List<Event> events = new ArrayList<>();
        for (byte b : bytes) {
            if (b == '\n' && afterCarriageReturn) {
                afterCarriageReturn = false;
                continue;
            }
            afterCarriageReturn = b == '\r';
            if (b == '\n' || b == '\r') {
                endLine().ifPresent(events::add);
            } else {
                grow();
                line.write(b);
            }
        }
        return events;
    }

    /** The last id seen; the stream can be taken up again after it. */
    public Optional<String> lastId() {
        return Optional.ofNullable(id);
    }

    /** How long the server wants us to wait before we reconnect: a tenth of a second to a minute. */
    public Optional<Duration> retry() {
        return Optional.ofNullable(retry);
    }

    private void grow() {
        if (++eventBytes > maxEventBytes) {
            throw new TooLargeException(maxEventBytes);
        }
    }

    private Optional<Event> endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (!started && text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        started = true;
        if (text.isEmpty()) {
            return endEvent();
        }
        int colon = text.indexOf(':');
        if (colon == 0) {
            eventBytes -= Math.min(eventBytes, text.length());
            return Optional.empty();
        }
        String value = colon < 0 ? "" : text.substring(text.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
        field(colon < 0 ? text : text.substring(0, colon), value);
        return Optional.empty();
    }

    private void field(String name, String value) {
        switch (name) {
            case "data" -> {
                data.append(hasData ? "\n" : "").append(value);
                hasData = true;
            }
            case "event" -> type = value.isEmpty() ? MESSAGE : value;
            case "id" -> id = idAfter(value);
            case "retry" -> retry = value.matches("[0-9]{1,9}") ? bounded(Long.parseLong(value)) : retry;
            default -> {
                // Unknown fields are to be ignored.
            }
        }
    }

    /** An empty id forgets the last one (WHATWG HTML, section 9.2.6); one that a header cannot carry is ignored. */
    private @Nullable String idAfter(String value) {
        if (value.isEmpty()) {
            return null;
        }
        return HEADER_SAFE.matcher(value).matches() ? value : id;
    }

    private static Duration bounded(long millis) {
        return Duration.ofMillis(Math.max(MIN_RETRY_MILLIS, Math.min(millis, MAX_RETRY_MILLIS)));
    }

    private Optional<Event> endEvent() {
        boolean isWanted = hasData && !data.isEmpty() && types.contains(type);
        Optional<Event> event = isWanted ? Optional.of(new Event(lastId(), type, data.toString())) : Optional.empty();
        data.setLength(0);
        hasData = false;
        type = MESSAGE;
        eventBytes = 0;
        return event;
    }
}
