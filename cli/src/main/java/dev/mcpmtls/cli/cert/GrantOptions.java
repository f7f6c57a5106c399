// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.cli.invocation.OptionValue;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.trust.Purpose;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what an authority grants: purposes, names and lifetime. */
public final class GrantOptions {

    @Option(
            names = "--purpose",
            paramLabel = "server|client",
            split = ",",
            description = "its purposes; default client")
    private Set<Purpose> purposes = EnumSet.of(Purpose.CLIENT);

    @Option(
            names = "--san",
            paramLabel = "ID",
            split = ",",
            description = "its names: SPIFFE IDs, DNS names, IP addresses; default those that init gives")
    private List<String> names = List.of();

    @Option(
            names = "--lifetime",
            paramLabel = "DURATION",
            description = "how long its certificates are valid; default authority.leaf-lifetime")
    private @Nullable String lifetime;

    /** Whether a server was asked for, and no name of it. */
    public boolean isServerWithoutNames() {
        return names.isEmpty() && purposes.contains(Purpose.SERVER);
    }

    /** The option or setting that says the lifetime; {@code default} when none does. */
    String originOfLifetime(Settings settings) {
        return lifetime == null ? settings.origin(Keys.LEAF_LIFETIME) : "--lifetime";
    }

    /** The grant for the credential of that name. */
    public Grant grant(Settings settings, String name) {
        Duration time =
                lifetime == null ? settings.get(Keys.LEAF_LIFETIME) : OptionValue.duration("--lifetime", lifetime);
        String domain = Stores.trustDomain(settings);
        List<Identity> given = names.stream()
                .map(text -> OptionValue.parse("--san", text, SubjectName::parse))
                .toList();
        try {
            Grant standard = purposes.contains(Purpose.SERVER) ? Grant.server(domain, name) : Grant.agent(domain, name);
            return new Grant(name, given.isEmpty() ? standard.names() : given, purposes, time);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(String.valueOf(e.getMessage()));
        }
    }
}
