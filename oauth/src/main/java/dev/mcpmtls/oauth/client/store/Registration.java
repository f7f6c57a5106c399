// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.store;

import java.util.Optional;

/** How an authorization server registered this program (RFC 7591). Its secret is not printed. */
public final class Registration {

    private final String clientId;
    private final Optional<String> secret;
    private final String method;
    private final String redirect;

    /**
     * A registration.
     *
     * @param method of client authentication, for example {@code none}
     * @param redirect URL that the browser is sent back to
     */
    public Registration(String clientId, Optional<String> secret, String method, String redirect) {
        this.clientId = clientId;
        this.secret = secret;
        this.method = method;
        this.redirect = redirect;
    }

    /** Its identifier there. */
    public String clientId() {
        return clientId;
    }

    /** Its secret there, if it has one. */
    public Optional<String> secret() {
        return secret;
    }

    /** How it authenticates. */
    public String method() {
        return method;
    }

    /** Where the browser is sent back to. */
    public String redirect() {
        return redirect;
    }

    @Override
    public String toString() {
        return "the client " + clientId;
    }
}
