// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.coordinator.model;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * A language model and what it may cost.
 *
 * @param url the base of its server's API, for example {@code http://localhost:11434/v1}; it speaks OpenAI's chat completions
 * @param name the model's name on that server
 * @param key the API key; empty where the server asks for none
 * @param rounds how often it may be asked for one question; at least 1
 * @param tokens how many tokens, of requests and answers, one question may take
 * @param patience how long one of its answers may take
 */
public record ModelSettings(URI url, String name, Optional<String> key, int rounds, long tokens, Duration patience) {

    /** Without the key. */
    @Override
    public String toString() {
        return name + " at " + url;
    }
}
