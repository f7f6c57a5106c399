// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.legacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.legacy.EventLog.Event;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private final EventLog log = new EventLog(1_000);

    @Test
    void repeatsWhatOneStreamMissed() {
        Event first = log.append(1, new byte[10]);
        log.append(2, new byte[10]);
        Event third = log.append(1, new byte[10]);

        assertThat(log.after(1, first.id())).containsExactly(third);
        assertThat(log.after(1, third.id())).isEmpty();
    }

    @Test
    void saysSoWhenSomethingMissedWasDropped() {
        Event first = log.append(1, new byte[10]);
        for (int i = 0; i < 20; i++) {
            log.append(1, new byte[100]);
        }

        assertThatThrownBy(() -> log.after(1, first.id())).isInstanceOf(RefusedException.class);
    }

    @Test
    void knowsNoEventsOfTheFuture() {
        log.append(1, new byte[10]);

        assertThatThrownBy(() -> log.after(1, 2)).isInstanceOf(RefusedException.class);
    }
}
