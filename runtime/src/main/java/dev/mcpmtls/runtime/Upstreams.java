// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.gateway.Gateway;
import dev.mcpmtls.gateway.ProcessMode;
import dev.mcpmtls.gateway.combine.CombinedBackend;
import dev.mcpmtls.gateway.http.HttpUpstream;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.ServerEntry.Combined;
import dev.mcpmtls.runtime.settings.ServerEntry.Command;
import dev.mcpmtls.runtime.settings.ServerEntry.Url;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.trust.Purpose;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The operator's own servers, as backends. */
final class Upstreams implements AutoCloseable {

    private final Gateway gateway = new Gateway();
    private final Settings settings;
    private final FileWatch watch;
    private final Map<String, Backend> backends = new HashMap<>();

    Upstreams(Settings settings, FileWatch watch, Observer observer) {
        gateway.observe(observer);
        this.settings = settings;
        this.watch = watch;
    }

    /** @param audit where the server's handshakes with an upstream are recorded, and changes of its tools */
    Backend backend(ServerEntry entry, AuditSink audit) {
        if (entry.source() instanceof Combined combined) {
            CombinedBackend made = new CombinedBackend(
                    entry.name(), members(combined, entry.terms().isPinned(), audit));
            backends.put(entry.name(), made);
            return made;
        }
        // One for the entry itself and the combinations that it is in: they share its processes.
        Backend known = backends.get(entry.name());
        Backend backend = known == null ? made(entry, audit) : known;
        backends.put(entry.name(), backend);
        return backend;
    }

    private Map<String, Backend> members(Combined combined, boolean isPinned, AuditSink audit) {
        Map<String, Backend> members = new LinkedHashMap<>();
        for (String member : combined.members()) {
            ServerEntry own = entry(settings, member);
            members.put(member, backend(isPinned ? own.pinned() : own, audit));
        }
        return members;
    }

    private static ServerEntry entry(Settings settings, String name) {
        return settings.entries().stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The rules as they apply to an entry: a combination is decided as its members. */
    AccessPolicy over(AccessPolicy rules, Backend backend) {
        return backend instanceof CombinedBackend combined ? combined.over(rules) : rules;
    }

    private Backend made(ServerEntry entry, AuditSink audit) {
        gateway.pin(
                entry.name(),
                Stores.toolsLock(settings),
                entry.terms().isPinned(),
                change -> record(entry.name(), change, audit));
        return entry.source() instanceof Command command
                ? command(entry, command)
                : url(entry, (Url) entry.source(), audit);
    }

    private static void record(String server, PinChange change, AuditSink audit) {
        var unused = audit.record(new AuditEvent.ToolChanged(
                InstantSource.system().instant(),
                server,
                change.name(),
                change.kind().reason(),
                change.kind().why(),
                change.pinnedDigest(),
                change.offeredDigest()));
    }

    /** Refuses what cannot work, before anything is made for it. */
    static void require(Settings settings, ServerEntry entry) {
        if (entry.source() instanceof Combined combined) {
            combined.members().forEach(member -> require(settings, entry(settings, member)));
        } else if (entry.source() instanceof Url url) {
            requireProtected(entry, url);
        } else if (entry.source() instanceof Command command
                && !serverCommand(command).isFound()) {
            throw new BadSettingException(entry.origin() + ": the server " + entry.name() + " has the command '"
                    + command.words().get(0) + "', which is no program here; install it, or correct the name or PATH");
        }
    }

    private static ServerCommand serverCommand(Command command) {
        return new ServerCommand(command.words(), command.env(), command.passEnv(), command.cwd());
    }

    private Backend command(ServerEntry entry, Command command) {
        ProcessMode mode =
                ProcessMode.valueOf(command.process().toUpperCase(Locale.ROOT).replace('-', '_'));
        return gateway.command(
                entry.name(),
                serverCommand(command),
                new Gateway.ProcessOptions(
                        mode,
                        command.maxProcesses(),
                        entry.terms().idle(),
                        entry.terms().timeout()));
    }

    private static void requireProtected(ServerEntry entry, Url url) {
        if (!url.isPlainAllowed() && HttpUpstream.leavesThisMachineInPlain(url.url())) {
            throw new BadSettingException(entry.origin() + ": " + url.url()
                    + " is plain HTTP beyond this machine, which others on the network can read and change;"
                    + " use https, or allow it with " + Remedy.of(Setting.PLAIN_UPSTREAM));
        }
    }

    private Backend url(ServerEntry entry, Url url, AuditSink audit) {
        requireProtected(entry, url);
        boolean isSecure = "https".equalsIgnoreCase(url.url().getScheme());
        Optional<TlsProfile> profile = url.clientCredential()
                .filter(name -> isSecure || url.tokens().isPresent())
                .map(name -> {
                    ConfiguredCredentials.require(settings, name, Purpose.CLIENT);
                    return TlsProfiles.watchedClientProfile(settings, name, watch, audit);
                });
        TokenSource tokens = url.tokens()
                .map(client -> ClientTokens.unattended(settings, client, url.url(), profile.orElseThrow()))
                .orElse(TokenSource.NONE);
        UpstreamHeaders headers = new UpstreamHeaders(settings, url.headers());
        Backend backend = gateway.url(
                entry.name(),
                url.url(),
                headers::now,
                profile.filter(own -> isSecure),
                tokens,
                entry.terms().idle(),
                entry.terms().timeout());
        gateway.probe(entry.name());
        return backend;
    }

    /** How a server's processes are doing, or the connections to it. */
    Optional<ProcessUpstream.Condition> condition(String name) {
        return gateway.condition(name);
    }

    @Override
    public void close() {
        gateway.close();
    }
}
