// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.telemetry;

import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TelemetryKeys;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The traces and metrics of one process. Thread-safe. */
public final class Telemetry implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
    private static final Telemetry OFF = new Telemetry(Observer.NONE, () -> {}, Duration.ofSeconds(1));

    private final Observer observer;
    private final Runnable flush;
    private final Duration patience;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param patience how long {@link #close} waits for {@code flush}, which may block for longer */
    Telemetry(Observer observer, Runnable flush, Duration patience) {
        this.observer = observer;
        this.flush = flush;
        this.patience = patience;
    }

    /**
     * Sends to the collector that the settings name; off without one.
     *
     * @throws dev.mcpmtls.runtime.settings.BadSettingException when a header's file cannot be used
     */
    public static Telemetry start(Settings settings) {
        return settings.find(TelemetryKeys.OTLP)
                .map(collector -> OtlpExport.start(settings, collector))
                .orElse(OFF);
    }

    /** Observes what this process sends and receives. */
    public Observer observer() {
        return observer;
    }

    /** Sends what has not been sent yet, for at most three seconds; later calls do nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        Thread flushing = new Thread(flush, "telemetry-flush");
        flushing.setDaemon(true);
        flushing.start();
        try {
            flushing.join(patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (flushing.isAlive()) {
            LOG.warn("cannot send the last traces and metrics: the collector has not taken them yet; they are dropped");
        }
    }
}
