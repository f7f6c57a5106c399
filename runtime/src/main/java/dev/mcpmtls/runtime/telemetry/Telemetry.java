// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.telemetry;

import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TelemetryKeys;
import java.util.concurrent.atomic.AtomicBoolean;

/** The traces and metrics of one process. Thread-safe. */
public final class Telemetry implements AutoCloseable {

    private static final Telemetry OFF = new Telemetry(Observer.NONE, () -> {});

    private final Observer observer;
    private final Runnable flush;
    private final AtomicBoolean closed = new AtomicBoolean();

    Telemetry(Observer observer, Runnable flush) {
        this.observer = observer;
        this.flush = flush;
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
        if (closed.compareAndSet(false, true)) {
            flush.run();
        }
    }
}
