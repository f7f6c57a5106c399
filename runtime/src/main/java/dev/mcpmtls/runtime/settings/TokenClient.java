// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.runtime.settings.OAuthKeys.Allowed;
import dev.mcpmtls.runtime.settings.OAuthKeys.TokenMethod;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A client of an authorization server, as the settings have it.
 *
 * @param section where it is configured, for example {@code oauth}
 * @param issuer the authorization server; credentials go to no other
 * @param id under which it is registered there
 * @param secret the file of its secret, relative to the store
 * @param key the file of its key, relative to the store
 */
public record TokenClient(
        String section,
        Optional<String> issuer,
        Optional<String> id,
        TokenMethod method,
        Optional<Path> secret,
        Optional<Path> key,
        List<String> scopes,
        List<Allowed> allowed) {

    /** Copies the lists. */
    public TokenClient {
        scopes = List.copyOf(scopes);
        allowed = List.copyOf(allowed);
    }

    /**
     * Requires a setting that its method needs.
     *
     * @param key its name in the section, for example {@code secret-file}
     * @throws BadSettingException when it is not set
     */
    public <T> T require(String key, Optional<T> value) {
        return value.orElseThrow(() -> new BadSettingException(section + ".method is "
                + method.name().toLowerCase(java.util.Locale.ROOT) + ", which needs " + section + "." + key
                + "; set it"));
    }
}
