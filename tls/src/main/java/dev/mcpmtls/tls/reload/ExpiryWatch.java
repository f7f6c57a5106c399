// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Lifetime;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns that our own credential expires soon: when a third and when a sixth of its lifetime is left, each hour of its last day, and
 * when it has expired. Each warning comes once, and again only if the clock is set back in between. Used by one thread.
 */
final class ExpiryWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ExpiryWatch.class);
    private static final int THIRD = 1;
    private static final int SIXTH = 2;
    private static final int HOURS = 24;

    private final CredentialSource source;
    private final AuditSink audit;
    private final InstantSource clock;
    private Credential watched;
    private int stage;

    ExpiryWatch(CredentialSource source, AuditSink audit, InstantSource clock) {
        this.source = source;
        this.audit = audit;
        this.clock = clock;
        this.watched = source.current();
    }

    void look() {
        Credential current = source.current();
        if (current != watched) {
            watched = current;
            stage = 0;
        }
        Lifetime life = Lifetime.of(current.chain());
        Instant at = clock.instant();
        Duration left = life.left(at);
        int now = stage(life, at);
        if (now > stage) {
            LOG.warn(
                    "the credential {} {} on {} and was not renewed; {}",
                    current.name(),
                    left.isNegative() ? "expired" : "expires",
                    life.end(),
                    current.remedy(Remedy.of(Act.on(Act.Verb.RENEW, current.name()))));
            audit.record(new AuditEvent.CredentialExpiring(at, current.name(), current.chain(), left));
        }
        stage = now;
    }

    /** A number that grows as the end comes nearer, by one at each moment of which something is said. */
    static int stage(Lifetime life, Instant now) {
        Duration left = life.left(now);
        if (left.isNegative()) {
            return SIXTH + HOURS + 1;
        }
        if (life.isRenewalOverdue(now)) {
            long begunHours = Math.max(1, left.plusHours(1).minusNanos(1).toHours());
            return (int) (SIXTH + Math.max(0, HOURS - begunHours));
        }
        return left.multipliedBy(3).compareTo(Duration.between(life.start(), life.end())) <= 0 ? THIRD : 0;
    }
}
