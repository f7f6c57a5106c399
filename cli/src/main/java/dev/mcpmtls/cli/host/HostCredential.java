// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.host;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.bridge.hosts.Host;
import dev.mcpmtls.cli.cert.MissingCredential;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.runtime.ConfiguredCredentials;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.trust.Purpose;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The credential that a host presents: its own, so that servers tell hosts apart, and one can be revoked without the others.
 *
 * @param isMissing whether it is still to be issued
 */
record HostCredential(String name, boolean isMissing) {

    /** The credential that was asked for, which must exist, or the host's own. */
    static HostCredential of(Host host, Settings settings, Invocation invocation) {
        Optional<String> asked = invocation.credential();
        if (asked.isPresent()) {
            ConfiguredCredentials.require(settings, asked.get(), Purpose.CLIENT);
            return new HostCredential(
                    asked.get().contains("/")
                            ? ConfiguredCredentials.location(settings, asked.get())
                                    .toAbsolutePath()
                                    .normalize()
                                    .toString()
                            : asked.get(),
                    false);
        }
        String name = userName() + "-" + host.id();
        Store store = Store.at(settings.get(Keys.DIR));
        if (Files.exists(store.credential(name))) {
            return new HostCredential(name, false);
        }
        Optional<String> joined = Stores.onlyJoined(settings);
        if (joined.isPresent()) {
            return new HostCredential(joined.get(), false);
        }
        if (!store.hasAuthority()) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            "cannot issue the credential " + name + ": there is no authority in " + store.directory(),
                            "run 'mcp-mtls init', or name a credential that the servers' authority issued with"
                                    + " --credential"));
        }
        return new HostCredential(name, true);
    }

    private static String userName() {
        String name =
                System.getProperty("user.name", "").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String trimmed = name.replaceAll("^-|-$", "");
        return trimmed.isEmpty() ? "user" : trimmed.substring(0, Math.min(trimmed.length(), 32));
    }

    /** Issues the credential if it is still missing. */
    void issue(Settings settings, PassphraseOption passphrase) {
        if (!isMissing) {
            return;
        }
        Grant grant = Grant.agent(Stores.trustDomain(settings), name);
        try (AuditLog audit = Stores.audit(settings)) {
            MissingCredential.issue(settings, grant, passphrase, audit);
        }
    }
}
