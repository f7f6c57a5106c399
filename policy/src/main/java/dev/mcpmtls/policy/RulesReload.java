// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.files.Reload;
import java.time.InstantSource;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the rules of a file into use when it has changed, for {@code FileWatch.file}; logs and records what came of it. A broken or deleted
 * file changes nothing: the last good rules stay.
 */
public final class RulesReload implements Reload {

    private static final Logger log = LoggerFactory.getLogger(RulesReload.class);

    private final FileAccessPolicy policy;
    private final Set<String> servers;
    private final AuditSink audit;
    private final InstantSource clock;

    /**
     * Warns now, and after each change, of rules that never decide.
     *
     * @param servers the names that rules may use
     * @param audit where changes and failures are recorded
     */
    public RulesReload(FileAccessPolicy policy, Set<String> servers, AuditSink audit, InstantSource clock) {
        this.policy = policy;
        this.servers = Set.copyOf(servers);
        this.audit = audit;
        this.clock = clock;
        warn();
    }

    @Override
    public void attempt(boolean recovering) {
        FileAccessPolicy.Reload outcome = policy.reload();
        if (outcome instanceof FileAccessPolicy.Reload.Kept kept) {
            throw kept.why();
        }
        if (recovering || outcome instanceof FileAccessPolicy.Reload.Replaced) {
            log.info("the access rules of {} were reloaded: {}", policy.file(), policy.summary());
            var unused = audit.record(
                    new AuditEvent.PolicyReloaded(clock.instant(), policy.file().toString(), policy.summary()));
            warn();
        }
    }

    @Override
    public void failed(String why) {
        log.warn("the new access rules are not used, the last good ones stay: {}", oneLine(why));
        var unused = audit.record(
                new AuditEvent.PolicyReloadFailed(clock.instant(), policy.file().toString(), oneLine(why)));
    }

    private void warn() {
        if (!policy.isAbsent()) {
            policy.policy()
                    .check(Inventory.ofServers(servers))
                    .forEach(problem -> log.warn("{}", oneLine(problem.toString())));
        }
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\R\\s*", "; ");
    }
}
