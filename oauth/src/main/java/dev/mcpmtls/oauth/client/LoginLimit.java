// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.oauth.client.store.Kept;
import dev.mcpmtls.oauth.client.store.Token;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How often people are shown a page to log in: a server that refuses every token, or a host that tries again by itself, must not open one
 * window after the other. All processes that share a store count together.
 */
final class LoginLimit {

    private static final Duration BETWEEN = Duration.ofMinutes(1);
    private static final Duration AFTER_REFUSAL = Duration.ofMinutes(5);
    private static final Duration WITHIN = Duration.ofMinutes(10);
    private static final int MOST_WITHIN = 4;

    private final OAuthSettings settings;

    LoginLimit(OAuthSettings settings) {
        this.settings = settings;
    }

    /**
     * Gives the state back if one more page may be shown.
     *
     * @param kept with its token if the server has just refused that one
     * @param issuer where the person is to log in: at another than the token's at once, because the server may have moved to it
     * @param isStepUp whether the server wants more scopes, which a person may be asked for at once
     * @throws NoTokenException when it is too early
     */
    Kept require(Kept kept, String issuer, boolean isStepUp) {
        Instant now = settings.clock().instant();
        Instant within = now.minus(WITHIN);
        long lately = kept.logins().stream().filter(within::isBefore).count();
        if (lately >= MOST_WITHIN) {
            throw tooOften("was shown to a person " + lately + " times within " + WITHIN.toMinutes() + " minutes", "");
        }
        Optional<Token> refused = kept.token().filter(settings::isUsable);
        boolean isRefused = refused.isPresent();
        boolean isElsewhere =
                refused.filter(token -> !token.issuer().equals(issuer)).isPresent();
        Duration pause = isStepUp || isElsewhere ? Duration.ZERO : isRefused ? AFTER_REFUSAL : BETWEEN;
        if (!kept.logins().isEmpty()) {
            Duration since = Duration.between(kept.logins().get(kept.logins().size() - 1), now);
            if (since.compareTo(pause) < 0) {
                String ago =
                        "was shown to a person " + Printable.count(Math.max(since.toSeconds(), 0), "second") + " ago";
                throw isRefused
                        ? tooOften(ago + ", and the server refuses the token that came of it", REFUSED)
                        : tooOften(ago, "");
            }
        }
        return kept;
    }

    private static final String REFUSED =
            "have the operators compare the audience, the issuer and the binding of tokens with what the server"
                    + " expects; ";

    private NoTokenException tooOften(String what, String first) {
        String atOnce = settings.store()
                .file()
                .map(file -> ", or delete " + file + " first")
                .orElse("");
        return new NoTokenException(
                Why.PERSON,
                "the page to log in for " + settings.server() + ' ' + what,
                first + "try again in some minutes" + atOnce);
    }
}
