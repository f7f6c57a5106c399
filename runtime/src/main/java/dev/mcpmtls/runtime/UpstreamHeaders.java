// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.HeaderValue;
import dev.mcpmtls.runtime.settings.ServerEntry.HeaderText;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The headers for a server, read again from their files every few seconds; the last good ones are kept. Values are never logged. Thread-safe. */
final class UpstreamHeaders {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamHeaders.class);
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Settings settings;
    private final Map<String, HeaderText> texts;
    private Map<String, String> last;
    private long readAt = System.nanoTime();

    /**
     * Reads them for the first time.
     *
     * @throws BadSettingException when a file or variable is missing or holds no header's value
     */
    UpstreamHeaders(Settings settings, Map<String, HeaderText> texts) {
        this.settings = settings;
        this.texts = texts;
        this.last = read();
    }

    synchronized Map<String, String> now() {
        if (System.nanoTime() - readAt > FRESH_NANOS) {
            readAt = System.nanoTime();
            try {
                last = read();
            } catch (BadSettingException e) {
                LOG.warn("{}; the last good headers are kept", e.getMessage());
            }
        }
        return last;
    }

    private Map<String, String> read() {
        Map<String, String> headers = new LinkedHashMap<>();
        texts.forEach((name, text) -> headers.put(name, HeaderValue.checked(name, value(name, text))));
        return headers;
    }

    private String value(String name, HeaderText text) {
        return switch (text.kind()) {
            case VALUE -> text.text();
            case FILE -> HeaderValue.inFile(name, settings.inStore(Path.of(text.text())));
            case ENV -> {
                String value = System.getenv(text.text());
                if (value == null) {
                    throw new BadSettingException(
                            "cannot set the header " + name + ": there is no variable " + text.text());
                }
                yield value;
            }
        };
    }
}
