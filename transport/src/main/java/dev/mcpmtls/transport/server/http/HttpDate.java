// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The Date of answers (RFC 9110 section 6.6.1), formatted once a second. Thread-safe. */
public final class HttpDate {

    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;
    private volatile Written latest = new Written(Long.MIN_VALUE, "");

    private record Written(long second, CharSequence text) {}

    public HttpDate(InstantSource clock) {
        this.clock = clock;
    }

    CharSequence now() {
        Written known = latest;
        long second = Math.floorDiv(clock.millis(), 1000);
        if (known.second != second) {
            known = new Written(second, HttpHeaders.createOptimized(FORM.format(Instant.ofEpochSecond(second))));
            latest = known;
        }
        return known.text;
    }
}
