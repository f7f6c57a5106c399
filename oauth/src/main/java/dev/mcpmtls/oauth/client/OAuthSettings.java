// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import dev.mcpmtls.oauth.client.grant.Client;
import dev.mcpmtls.oauth.client.grant.Grant;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.oauth.client.store.Token;
import dev.mcpmtls.oauth.client.store.TokenStore;
import dev.mcpmtls.oauth.client.web.UrlRules;
import dev.mcpmtls.oauth.client.web.Web;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The choices of the builder. */
record OAuthSettings(
        URI server,
        Web web,
        UrlRules rules,
        TokenStore store,
        Optional<String> issuer,
        Predicate<String> confirm,
        Optional<Client> client,
        Optional<URI> document,
        Optional<Grant> grant,
        Browser browser,
        String name,
        int redirectPort,
        Duration loginLimit,
        Set<String> scopes,
        boolean proof,
        InstantSource clock) {

    /** Whether a person consents in a browser, where they see the authorization server; else it has to be chosen beforehand. */
    boolean isChosenByPerson() {
        return grant.isEmpty() && client.isEmpty();
    }

    /** Whether the token has not expired, and is not bound to another certificate than the present one. */
    boolean isUsable(Token token) {
        boolean hasTime = token.expiresAt().map(clock.instant()::isBefore).orElse(true);
        return hasTime && token.certificate().map(certificate()::equals).orElse(true);
    }

    /** The digest of the certificate that is presented now. */
    String certificate() {
        return web.credential().chain().leafSha256();
    }
}
