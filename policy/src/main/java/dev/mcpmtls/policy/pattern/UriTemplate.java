// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import dev.mcpmtls.identity.pattern.Glob;

/**
 * A URI template (RFC 6570) as rules match it when it is asked whether it may be listed: each variable counts as {@code **}.
 *
 * @param expansions the pattern of what it may expand to
 */
public record UriTemplate(Glob expansions) {

    /** A template as a server lists it. */
    public static UriTemplate of(String template) {
        return new UriTemplate(Glob.ofTemplate(template));
    }

    /** Whether some expansion is matched by a permit's pattern. */
    public boolean isPermittedBy(Glob pattern) {
        return pattern.intersects(expansions);
    }

    /** Whether every expansion is matched by a deny's pattern. */
    public boolean isDeniedBy(Glob pattern) {
        return pattern.covers(expansions);
    }
}
