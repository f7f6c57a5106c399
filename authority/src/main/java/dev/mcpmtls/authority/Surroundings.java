// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;

/**
 * The outside dependencies of an authority.
 *
 * @param clock the time of issue
 * @param random the source of keys, serial numbers and signatures
 * @param audit the sink for records of issuing, renewing and revoking
 */
public record Surroundings(InstantSource clock, SecureRandom random, AuditSink audit) {

    /** The system's clock and random numbers. */
    public static Surroundings system(AuditSink audit) {
        return new Surroundings(InstantSource.system(), new SecureRandom(), audit);
    }

    Instant now() {
        return clock.instant();
    }

    /** Waits until the event is recorded; an act that cannot be recorded does not take place. */
    void record(AuditEvent event) {
        try {
            audit.record(event).toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
