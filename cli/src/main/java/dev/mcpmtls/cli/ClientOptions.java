// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.cli.settings.BadSettingException;
import dev.mcpmtls.cli.settings.Keys;
import dev.mcpmtls.cli.settings.Settings;
import dev.mcpmtls.transport.tls.TlsProfile;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands that connect to servers take. */
final class ClientOptions {

    private final Invocation invocation;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "how long it may take; default coordinator.timeout")
    private @Nullable String timeout;

    ClientOptions(Invocation invocation) {
        this.invocation = invocation;
    }

    Settings settings() {
        if (timeout != null) {
            invocation.flag(Keys.COORDINATOR_TIMEOUT, "--timeout", timeout);
        }
        invocation.credential().ifPresent(name -> invocation.flag(Keys.COORDINATOR_CREDENTIAL, "--credential", name));
        Settings settings = invocation.settings();
        Wiring.require(settings, settings.get(Keys.COORDINATOR_CREDENTIAL));
        return settings;
    }

    static Duration timeout(Settings settings) {
        return settings.get(Keys.COORDINATOR_TIMEOUT);
    }

    /** The profile of our client credential. */
    static TlsProfile profile(Settings settings, AuditSink audit) {
        return Wiring.profile(settings, settings.get(Keys.COORDINATOR_CREDENTIAL), audit);
    }

    /** Where a server is: one of ours by its name, or any by its URL. */
    static URI server(Settings settings, String nameOrUrl) {
        for (Keys.Server server : Keys.SERVERS) {
            if (server.name().equals(nameOrUrl)) {
                int port = settings.get(server.listen()).port();
                return URI.create("https://localhost:" + port + "/mcp");
            }
        }
        try {
            URI url = new URI(nameOrUrl);
            if ("http".equalsIgnoreCase(url.getScheme())) {
                throw new BadSettingException("'" + nameOrUrl + "' is plain HTTP, which proves nobody; write https://");
            }
            if (!"https".equalsIgnoreCase(url.getScheme()) || url.getHost() == null) {
                throw new BadSettingException(
                        "'" + nameOrUrl + "' is neither a server of ours (weather, datetime, echo)"
                                + " nor a URL such as https://localhost:8443/mcp");
            }
            boolean hasNoPath = url.getPath() == null || url.getPath().isEmpty();
            return hasNoPath ? url.resolve("/mcp") : url;
        } catch (URISyntaxException e) {
            throw new BadSettingException("'" + nameOrUrl + "' is not a URL: " + e.getReason());
        }
    }
}
