// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The state of one client at one server. Immutable.
 *
 * @param issuer the authorization server that was chosen, or used first
 * @param registrations by issuer: none is of use with another
 */
public record Kept(Optional<String> issuer, Map<String, Registration> registrations, Optional<Token> token) {

    /** Nothing yet. */
    public static final Kept NOTHING = new Kept(Optional.empty(), Map.of(), Optional.empty());

    /** Copies the map. */
    public Kept {
        registrations = Map.copyOf(registrations);
    }

    /** This with a token, whose issuer is the chosen one from now on. */
    public Kept with(Token issued) {
        return new Kept(Optional.of(issued.issuer()), registrations, Optional.of(issued));
    }

    /** This without its token. */
    public Kept withoutToken() {
        return new Kept(issuer, registrations, Optional.empty());
    }

    /** This with a registration. */
    public Kept with(String of, Registration registration) {
        Map<String, Registration> more = new LinkedHashMap<>(registrations);
        more.put(of, registration);
        return new Kept(issuer, more, token);
    }
}
