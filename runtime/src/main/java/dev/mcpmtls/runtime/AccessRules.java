// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.policy.Cases;
import dev.mcpmtls.policy.FileAccessPolicy;
import dev.mcpmtls.policy.Policy;
import dev.mcpmtls.policy.RulesReload;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.reload.FileWatch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The access rules of one process and their file. A broken or deleted file changes nothing: the last good rules stay. Thread-safe. */
public final class AccessRules {

    private final FileAccessPolicy policy;
    private final InstantSource clock;

    private AccessRules(FileAccessPolicy policy, InstantSource clock) {
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Loads the rules that the settings name; without a file, those that permit everything.
     *
     * @throws dev.mcpmtls.policy.BadPolicyException when they cannot be used
     * @throws dev.mcpmtls.runtime.settings.BadSettingException when a configured file does not exist
     */
    public static AccessRules load(Settings settings) {
        InstantSource clock = InstantSource.system();
        return new AccessRules(FileAccessPolicy.loadIfPresent(file(settings), clock), clock);
    }

    /**
     * The file of the access rules.
     *
     * @throws dev.mcpmtls.runtime.settings.BadSettingException when one is configured that does not exist; the default one need not
     */
    public static Path file(Settings settings) {
        Path file = settings.inStore(settings.get(Keys.ACCESS_FILE));
        ConfiguredTrust.requireConfigured(settings, Keys.ACCESS_FILE, List.of(file));
        return file;
    }

    /**
     * Follows the file from now on, and warns of rules that never decide.
     *
     * @param servers the names that rules may use
     */
    void watch(FileWatch watch, Set<String> servers, AuditSink audit) {
        watch.file(policy.file(), new RulesReload(policy, servers, audit, clock));
    }

    /**
     * The names that rules may use for servers: those of our own with their MCP names, those of the settings, and those that a command line
     * names.
     *
     * @param more servers that are not in the settings
     */
    static Set<String> servers(Settings settings, Collection<ServerEntry> more) {
        Stream<String> own = Keys.SERVERS.stream().flatMap(server -> Stream.of(server.name(), server.name() + "-mcp"));
        Stream<String> entries = Stream.of(settings.entries(), more)
                .flatMap(Collection::stream)
                .filter(entry -> !(entry.source() instanceof ServerEntry.Combined)) // decided as its members
                .map(ServerEntry::name);
        return Stream.concat(own, entries).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * As {@link #servers(Settings, Collection)}, when it is not known what command lines name: a server of a command line has a credential
     * of its name.
     */
    public static Set<String> servers(Settings settings) {
        Set<String> servers = new HashSet<>(Store.at(settings.get(Keys.DIR)).credentialNames());
        servers.remove(settings.get(Keys.COORDINATOR_CREDENTIAL));
        servers.addAll(servers(settings, List.of()));
        return servers;
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
        return policy.summary();
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
                        + String.valueOf(broken.getMessage()).replaceAll("\\R\\s*", "; "))
                .or(() -> isShadow() ? Optional.of("the rules are not enforced") : Optional.empty());
    }
}
