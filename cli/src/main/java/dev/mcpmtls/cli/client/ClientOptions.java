// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.RenewalRunner;
import dev.mcpmtls.cli.console.Logging;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.pins.ToolsLock;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.RenewalBeforeUse;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.TlsProfiles;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.ServerEntry;
import dev.mcpmtls.runtime.settings.ServerUrl;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.trust.Purpose;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of all commands that connect to servers. */
public final class ClientOptions {

    private final Invocation invocation;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "how long it may take; default coordinator.timeout")
    private @Nullable String timeout;

    ClientOptions(Invocation invocation) {
        this.invocation = invocation;
    }

    /** For a subcommand, whose option it is. */
    void timeout(@Nullable String given) {
        timeout = given;
    }

    /** How long the user lets it take; empty when they did not say. */
    Optional<Duration> limit() {
        return Optional.ofNullable(timeout).map(given -> timeout(settings()));
    }

    /** With the JDK's TLS engine, which alone the client of {@link McpConnection} runs on. */
    Settings settings() {
        return settings(Map.of(TlsKeys.ENGINE, TlsEngine.JDK.text()));
    }

    /** With the TLS engine that the user has chosen. */
    Settings settingsAsConfigured() {
        return settings(Map.of());
    }

    private Settings settings(Map<Key<?>, String> others) {
        if (timeout != null) {
            invocation.flag(Keys.COORDINATOR_TIMEOUT, "--timeout", timeout);
        }
        return settings(invocation, others);
    }

    /** The settings in force, but for some, with a client credential that exists. */
    static Settings settings(Invocation invocation, Map<Key<?>, String> others) {
        invocation.credential().ifPresent(name -> invocation.flag(Keys.COORDINATOR_CREDENTIAL, "--credential", name));
        Settings settings = withOnlyCredential(invocation, others);
        ConfiguredCredentials.require(settings, settings.get(Keys.COORDINATOR_CREDENTIAL), Purpose.CLIENT);
        return settings;
    }

    /** On a machine that joined, the only credential of the store is the one that is meant, whatever its name. */
    private static Settings withOnlyCredential(Invocation invocation, Map<Key<?>, String> others) {
        Settings settings = invocation.settings(others);
        if (!settings.origin(Keys.COORDINATOR_CREDENTIAL).equals("default")) {
            return settings;
        }
        Optional<String> only = Stores.onlyJoined(settings);
        if (only.isEmpty()) {
            return settings;
        }
        Map<Key<?>, String> all = new HashMap<>(others);
        all.put(Keys.COORDINATOR_CREDENTIAL, only.get());
        return invocation.settings(all);
    }

    static Duration timeout(Settings settings) {
        return settings.get(Keys.COORDINATOR_TIMEOUT);
    }

    /** The profile of our client credential. */
    static TlsProfile profile(Settings settings, AuditSink audit) {
        String credential = settings.get(Keys.COORDINATOR_CREDENTIAL);
        Logging.leaveOutObjections();
        RenewalBeforeUse.start(settings, credential, audit).ifPresent(RenewalRunner::close);
        return TlsProfiles.profile(settings, credential, audit);
    }

    /** The pins of a server; empty when it is not pinned. */
    static Optional<ToolPins> pins(Settings settings, URI server) {
        return ToolsLock.load(Stores.toolsLock(settings)).of(ToolPins.key(server));
    }

    /** Where a server is: one of ours or of the settings by its name, or any by its URL. */
    public static URI server(Settings settings, String nameOrUrl) {
        for (Keys.Server server : Keys.SERVERS) {
            if (server.name().equals(nameOrUrl)) {
                int port = settings.get(server.listen()).port();
                return here(nameOrUrl, port, "/mcp", settings.where(server.listen()));
            }
        }
        for (ServerEntry entry : settings.entries()) {
            if (entry.name().equals(nameOrUrl)) {
                String where = entry.origin() + ": servers." + nameOrUrl + ".listen";
                return here(nameOrUrl, entry.listen().port(), entry.path(), where);
            }
        }
        try {
            return ServerUrl.parse(Keys.server(nameOrUrl));
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(String.valueOf(e.getMessage()));
        }
    }

    private static URI here(String name, int port, String path, String where) {
        if (port == 0) {
            throw new BadSettingException(
                    where + " takes any free port; give the URL that 'mcp-mtls serve' printed instead of " + name);
        }
        return URI.create("https://localhost:" + port + path);
    }
}
