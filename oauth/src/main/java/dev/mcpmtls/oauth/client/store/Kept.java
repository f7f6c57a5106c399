// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of one client at one server. Immutable.
 *
 * @param issuer the authorization server that was chosen, or used first
 * @param registrations by issuer: none is of use with another
 * @param logins when people were last shown a page to log in, oldest first; the last few
 */
public record Kept(
        Optional<String> issuer, Map<String, Registration> registrations, Optional<Token> token, List<Instant> logins) {

    private static final int MOST_LOGINS = 8;

    /** Nothing yet. */
    public static final Kept NOTHING = new Kept(Optional.empty(), Map.of(), Optional.empty(), List.of());

    /** Copies the collections. */
    public Kept {
        registrations = Map.copyOf(registrations);
        logins = List.copyOf(logins);
    }

    /** This with a token, whose issuer is the chosen one from now on. */
    public Kept with(Token issued) {
        return new Kept(Optional.of(issued.issuer()), registrations, Optional.of(issued), logins);
    }

    /** This without its token. */
    public Kept withoutToken() {
        return new Kept(issuer, registrations, Optional.empty(), logins);
    }

    /** This with a registration. */
    public Kept with(String of, Registration registration) {
        Map<String, Registration> more = new LinkedHashMap<>(registrations);
        more.put(of, registration);
        return new Kept(issuer, more, token, logins);
    }

    /** This after one more login has begun. */
    public Kept withLogin(Instant at) {
        List<Instant> more =
                new ArrayList<>(logins.subList(Math.max(0, logins.size() - MOST_LOGINS + 1), logins.size()));
        more.add(at);
        return new Kept(issuer, registrations, token, more);
    }
}
