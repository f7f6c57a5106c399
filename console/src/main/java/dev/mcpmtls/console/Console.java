// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.console.events.LiveEvents;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.web.Admission;
import dev.mcpmtls.console.web.ConsoleRequests;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The console of one process: a page that shows who talks to whom, and that changes nothing. It counts from the events that the process records,
 * and reads single events from the audit log when a viewer asks. Thread-safe.
 */
public final class Console implements AutoCloseable {

    private final Sources sources;
    private final Optional<LiveEvents> live;

    /** A console of these sources. */
    public Console(Sources sources) {
        this.sources = sources;
        this.live = sources.audit().file().map(file -> new LiveEvents(file, ConsoleRequests::encode));
    }

    /** The servers, rules and counts that it shows. */
    public Sources sources() {
        return sources;
    }

    /**
     * A sink that counts what it passes on.
     *
     * @param server the name under which the log records it; empty for the events of no server
     */
    public AuditSink over(AuditSink log, String server) {
        return AuditSink.fanOut(log, List.of(event -> count(server, event)));
    }

    private void count(String server, AuditEvent event) {
        sources.tally().add(server, event);
        if (event instanceof AuditEvent.CredentialLoaded e) {
            sources.loaded(e.credential(), e.chain());
        } else if (event instanceof AuditEvent.CredentialReloaded e) {
            sources.loaded(e.credential(), e.chain());
        }
    }

    /** Counts the end of a permitted call. */
    public void ended(Call call, Duration took) {
        sources.tally().ended(call, took, sources.now());
    }

    /** The page and its API for one listener, whose requests' {@code Host} has been checked. */
    public ConsoleRequests requests(Admission admission) {
        return new ConsoleRequests(sources, live, admission);
    }

    /** Ends all streams. */
    @Override
    public void close() {
        live.ifPresent(LiveEvents::close);
    }
}
