// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.source;

import dev.mcpmtls.console.tally.Tally;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.metrics.Health;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The sources of the console's answers. Servers may be added while it is read. Thread-safe. */
public final class Sources {

    private static final int MOST_CREDENTIALS = 256;

    private final String version;
    private final InstantSource clock;
    private final Instant startedAt;
    private final Health health;
    private final RulesSource rules;
    private final AuditSource audit;
    private final Tally tally = new Tally();
    private final List<ServerSource> servers = new CopyOnWriteArrayList<>();
    private final List<UpstreamSource> upstreams = new CopyOnWriteArrayList<>();
    private final Map<String, Chain> credentials = new ConcurrentSkipListMap<>();

    /** The sources of a process that starts now. */
    public Sources(String version, InstantSource clock, Health health, RulesSource rules, AuditSource audit) {
        this.version = version;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.health = health;
        this.rules = rules;
        this.audit = audit;
    }

    /** Adds a server. */
    public void add(ServerSource server) {
        servers.add(server);
    }

    /** Adds a server behind this process. */
    public void add(UpstreamSource upstream) {
        upstreams.add(upstream);
    }

    /** Notes the chain of a credential that was loaded. */
    public void loaded(String credential, Chain chain) {
        if (credentials.size() < MOST_CREDENTIALS || credentials.containsKey(credential)) {
            credentials.put(credential, chain);
        }
    }

    /** The program's version. */
    public String version() {
        return version;
    }

    /** The present time. */
    public Instant now() {
        return clock.instant();
    }

    /** When counting began. */
    public Instant startedAt() {
        return startedAt;
    }

    public Health health() {
        return health;
    }

    public RulesSource rules() {
        return rules;
    }

    public AuditSource audit() {
        return audit;
    }

    public Tally tally() {
        return tally;
    }

    public List<ServerSource> servers() {
        return List.copyOf(servers);
    }

    /** The server that goes by that name, in the audit log or in the settings. */
    public Optional<ServerSource> server(String name) {
        return servers.stream().filter(server -> server.isCalled(name)).findFirst();
    }

    public List<UpstreamSource> upstreams() {
        return List.copyOf(upstreams);
    }

    /** The credentials that were loaded, by name. */
    public Map<String, Chain> credentials() {
        return credentials;
    }
}
