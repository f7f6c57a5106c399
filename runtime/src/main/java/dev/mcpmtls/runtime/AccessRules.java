// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.policy.Cases;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.policy.Inventory;
import dev.mcpmtls.policy.Policy;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.tls.reload.Reload;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The access rules of one process and their file. A broken or deleted file changes nothing: the last good rules stay. Thread-safe. */
public final class AccessRules {

    private static final Logger log = LoggerFactory.getLogger(AccessRules.class);

    private final FileAccessPolicy policy;
    private final InstantSource clock;

    private AccessRules(FileAccessPolicy policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Loads the rules that the settings name.
     *
     * @throws dev.mcpmtls.policy.BadPolicyException when they cannot be used
     * @throws dev.mcpmtls.runtime.settings.BadSettingException when a configured file does not exist
     */
    static AccessRules load(Settings settings) {
        InstantSource clock = InstantSource.system();
        AccessRules rules = new AccessRules(FileAccessPolicy.loadIfPresent(Wiring.accessFile(settings), clock), clock);
        rules.warn(settings);
        return rules;
    }

    /** Follows the file from now on. */
    void watch(FileWatch watch, Settings settings, AuditSink audit) {
        watch.file(policy.file(), new Reload() {
            @Override
            public void attempt(boolean recovering) {
                FileAccessPolicy.Reload outcome = policy.reload();
                if (outcome instanceof FileAccessPolicy.Reload.Kept kept) {
                    throw kept.why();
                }
                if (recovering || outcome instanceof FileAccessPolicy.Reload.Replaced) {
                    log.info("the access rules of {} were reloaded: {}", policy.file(), summary());
                    audit.record(new AuditEvent.PolicyReloaded(
                            clock.instant(), policy.file().toString(), summary()));
                    warn(settings);
                }
            }

            @Override
            public void failed(String why) {
                log.warn("the new access rules are not used, the last good ones stay: {}", oneLine(why));
                audit.record(new AuditEvent.PolicyReloadFailed(
                        clock.instant(), policy.file().toString(), oneLine(why)));
            }
        });
    }

    private void warn(Settings settings) {
        if (!policy.isAbsent()) {
            policy.policy()
                    .check(Inventory.ofServers(servers()))
                    .forEach(problem -> log.warn("{}", oneLine(problem.toString())));
        }
    }

    /** The names that a rule may use for servers: those of the settings, and the MCP names of our own. */
    public static Set<String> servers() {
        return Keys.SERVERS.stream()
                .flatMap(server -> Stream.of(server.name(), server.name() + "-mcp"))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Both names of a server, by either of them. */
    public static Cases.Server server(String name) {
        return Keys.SERVERS.stream()
                .map(Keys.Server::name)
                .filter(entry -> name.equals(entry) || name.equals(entry + "-mcp"))
                .findFirst()
                .map(entry -> new Cases.Server(entry, entry + "-mcp"))
                .orElseGet(() -> new Cases.Server(name, name));
    }

    /** The policy that servers ask. */
    public FileAccessPolicy policy() {
        return policy;
    }

    /** The rules in force in a few words, for example {@code 3 rules of policy.yaml, default deny}. */
    public String summary() {
        Path file = policy.file();
        if (policy.isAbsent()) {
            return "every accepted peer may call everything, because there is no " + file;
        }
        Policy rules = policy.policy();
        return count() + (count() == 1 ? " rule of " : " rules of ") + file + ", default "
                + rules.fallback().name().toLowerCase(Locale.ROOT)
                + (isShadow() ? ", SHADOW: denied calls are permitted and recorded" : "");
    }

    /** {@code enforce}, {@code shadow}, or {@code none} when there is no file. */
    public String mode() {
        return policy.isAbsent() ? "none" : policy.policy().mode().name().toLowerCase(Locale.ROOT);
    }

    /** The number of rules. */
    public int count() {
        return policy.policy().ruleNames().size();
    }

    private boolean isShadow() {
        return policy.policy().mode() == Policy.Mode.SHADOW;
    }

    /** The reason why the rules need attention; empty when they do not. */
    Optional<String> trouble() {
        return policy.broken()
                .map(broken -> "the file cannot be used, the last good rules stay: "
                        + oneLine(String.valueOf(broken.getMessage())))
                .or(() -> isShadow() ? Optional.of("the rules are not enforced") : Optional.empty());
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\R\\s*", "; ");
    }
}
