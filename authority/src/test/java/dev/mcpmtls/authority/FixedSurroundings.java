// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.audit.AuditEvent;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A clock that moves only on request, and an audit log in memory. */
final class FixedSurroundings {

    Instant now = Instant.parse("2026-11-22T10:00:00Z");
    final List<AuditEvent> events = new CopyOnWriteArrayList<>();
    final Surroundings surroundings = new Surroundings(() -> now, new SecureRandom(), event -> {
        events.add(event);
        return CompletableFuture.completedFuture(null);
    });

    static final List<Grant> GRANTS = List.of(
            Grant.server("demo.local", "weather"),
            Grant.server("demo.local", "datetime"),
            Grant.server("demo.local", "echo"),
            Grant.agent("demo.local", "coordinator"));

    void pass(Duration time) {
        now = now.plus(time);
    }

    Initialisation initialise(Store store) {
        return initialise(store, AuthorityProfile.standard("demo.local"), Optional.empty());
    }

    Initialisation initialise(Store store, AuthorityProfile profile, Optional<Passphrase> passphrase) {
        return Initialisation.run(store, profile, KeyType.EC_P256, GRANTS, passphrase, surroundings);
    }

    Authority open(Store store) {
        return Authority.open(store, Optional.empty(), surroundings);
    }
}
