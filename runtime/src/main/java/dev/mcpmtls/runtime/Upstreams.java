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

    private Backend command(ServerEntry entry, Command command) {
        ProcessMode mode =
                ProcessMode.valueOf(command.process().toUpperCase(Locale.ROOT).replace('-', '_'));
        return gateway.command(
                entry.name(),
                new ServerCommand(command.words(), command.env(), command.passEnv(), command.cwd()),
                new Gateway.ProcessOptions(mode, command.maxProcesses(), IDLE, entry.timeout()));
    }

    private Backend url(ServerEntry entry, Url url, AuditSink audit) {
        if (!url.isPlainAllowed() && HttpUpstream.leavesThisMachineInPlain(url.url())) {
            throw new BadSettingException(entry.origin() + ": " + url.url()
                    + " is plain HTTP beyond this machine, which anybody on the way can read and change;"
                    + " use https, or allow it with --unsafe-plain-upstream (unsafe-plain-upstream: true)");
        }
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
