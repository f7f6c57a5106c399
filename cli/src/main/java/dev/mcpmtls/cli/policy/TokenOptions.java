// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.policy;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.runtime.settings.BadSettingException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The access token that a call would be made with. */
final class TokenOptions {

    @Option(names = "--issuer", paramLabel = "URL", description = "of the access token that the call is made with")
    private @Nullable String issuer;

    @Option(names = "--subject", paramLabel = "NAME", description = "of the access token")
    private @Nullable String subject;

    @Option(names = "--client", paramLabel = "ID", description = "the client of the access token")
    private @Nullable String client;

    @Option(names = "--scope", paramLabel = "SCOPE", description = "of the access token; repeat for more")
    private List<String> scopes = List.of();

    /** The token; empty when none is named. */
    Optional<AccessToken> token() {
        if (issuer != null && subject != null) {
            return Optional.of(new AccessToken(
                    issuer, subject, Optional.ofNullable(client), Set.copyOf(scopes), Instant.MAX, true));
        }
        if (issuer != null || subject != null || client != null || !scopes.isEmpty()) {
            throw new BadSettingException("an access token has an issuer and a subject: give --issuer and --subject");
        }
        return Optional.empty();
    }
}
