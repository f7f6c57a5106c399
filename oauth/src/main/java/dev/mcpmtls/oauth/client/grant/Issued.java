// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

import java.time.Duration;
import java.util.Optional;

/** A token that was issued. Not printed. */
public final class Issued {

    private final String accessToken;
    private final Optional<String> refreshToken;
    private final Optional<Duration> lifetime;

    Issued(String accessToken, Optional<String> refreshToken, Optional<Duration> lifetime) {
        this.accessToken = accessToken;
        this.refreshToken = refreshToken;
        this.lifetime = lifetime;
    }

    /** The access token. */
    public String accessToken() {
        return accessToken;
    }

    /** With which to get the next one. */
    public Optional<String> refreshToken() {
        return refreshToken;
    }

    /** How long it is valid; empty when the authorization server does not say. */
    public Optional<Duration> lifetime() {
        return lifetime;
    }

    @Override
    public String toString() {
        return "an issued token";
    }
}
