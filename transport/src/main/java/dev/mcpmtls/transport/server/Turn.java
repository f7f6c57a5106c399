// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.audit.AuditEvent;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one event loop wants recorded before it goes on. It reads from all connections that have something, then hands over what
 * that came to at once: waking the thread that writes, and being woken by it, costs more than a record. On the event loop only.
 */
final class Turn {

    private static final Logger LOG = LoggerFactory.getLogger(Turn.class);

    private final Context loop;
    private final Authorizer authorizer;
    private List<AuditEvent> events = new ArrayList<>();
    private List<Consumer<@Nullable RefusedException>> waiting = new ArrayList<>();

    Turn(Context loop, Authorizer authorizer) {
        this.loop = loop;
        this.authorizer = authorizer;
    }

    /**
     * Records an event at the end of this turn.
     *
     * @param then runs on the event loop with null when the event was recorded, else with the reason why nothing may come of it
     */
    void record(AuditEvent event, Consumer<@Nullable RefusedException> then) {
        if (events.isEmpty()) {
            loop.runOnContext(end -> handOver());
        }
        events.add(event);
        waiting.add(then);
    }

    private void handOver() {
        List<AuditEvent> handedOver = events;
        List<Consumer<@Nullable RefusedException>> these = waiting;
        events = new ArrayList<>();
        waiting = new ArrayList<>();
        authorizer
                .recordAll(handedOver)
                .whenComplete((recorded, failure) ->
                        loop.runOnContext(next -> goOn(these, failure == null ? null : Shell.refusal(failure))));
    }

    private static void goOn(List<Consumer<@Nullable RefusedException>> these, @Nullable RefusedException refused) {
        for (Consumer<@Nullable RefusedException> then : these) {
            try {
                then.accept(refused);
            } catch (RuntimeException e) {
                LOG.error("a request failed", e);
            }
        }
    }
}
