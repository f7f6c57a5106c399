// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.gateway.Gateway;
import dev.mcpmtls.gateway.ProcessMode;
import dev.mcpmtls.gateway.http.HttpUpstream;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.ServerEntry.Command;
import dev.mcpmtls.runtime.settings.ServerEntry.Url;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.trust.Purpose;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** The operator's own servers, as backends. */
final class Upstreams implements AutoCloseable {

    private static final Duration IDLE = Duration.ofMinutes(30);

    private final Gateway gateway = new Gateway();
    private final Settings settings;
    private final FileWatch watch;

    Upstreams(Settings settings, FileWatch watch) {
        this.settings = settings;
        this.watch = watch;
    }

    /** @param audit where the server's handshakes with an upstream are recorded */
    Backend backend(ServerEntry entry, AuditSink audit) {
        return entry.source() instanceof Command command
                ? command(entry, command)
                : url(entry, (Url) entry.source(), audit);
    }

    /** Refuses what cannot work, before anything is made for it. */
    static void require(ServerEntry entry) {
        if (entry.source() instanceof Url url) {
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
                new Gateway.ProcessOptions(mode, command.maxProcesses(), IDLE, entry.timeout()));
    }

    private static void requireProtected(ServerEntry entry, Url url) {
        if (!url.isPlainAllowed() && HttpUpstream.leavesThisMachineInPlain(url.url())) {
            throw new BadSettingException(entry.origin() + ": " + url.url()
                    + " is plain HTTP beyond this machine, which others on the network can read and change;"
                    + " use https, or allow it with --unsafe-plain-upstream (unsafe-plain-upstream: true)");
        }
    }

    private Backend url(ServerEntry entry, Url url, AuditSink audit) {
        requireProtected(entry, url);
        Optional<TlsProfile> profile = url.clientCredential()
                .filter(name -> "https".equalsIgnoreCase(url.url().getScheme()))
                .map(name -> {
                    Wiring.require(settings, name, Purpose.CLIENT);
                    return Wiring.watchedClientProfile(settings, name, watch, audit);
                });
        UpstreamHeaders headers = new UpstreamHeaders(settings, url.headers());
        return gateway.url(entry.name(), url.url(), headers::now, profile, entry.timeout());
    }

    /** How a server's processes are doing; empty when it has none of ours. */
    Optional<ProcessUpstream.Condition> condition(String name) {
        return gateway.condition(name);
    }

    @Override
    public void close() {
        gateway.close();
    }
}
