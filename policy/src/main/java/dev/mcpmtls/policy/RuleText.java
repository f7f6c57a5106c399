// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import java.util.List;
import java.util.Optional;

/**
 * A rule as it is written, for readers.
 *
 * @param line in the file, from 1
 * @param peers empty for all, like {@code servers}
 * @param tools patterns; empty for none, like the other kinds of target
 * @param when its condition, if it has one
 * @param rate for example {@code 60/min}, if it has one
 * @param subjects of access tokens, for example {@code https://login.example#alice}; empty for all, and for calls without a token
 * @param scopes that an access token must have; empty for none
 */
public record RuleText(
        String name,
        int line,
        Effect effect,
        List<String> peers,
        List<String> servers,
        List<String> tools,
        List<String> prompts,
        List<String> resources,
        List<String> methods,
        Optional<String> when,
        Optional<String> rate,
        List<String> subjects,
        List<String> scopes) {}
