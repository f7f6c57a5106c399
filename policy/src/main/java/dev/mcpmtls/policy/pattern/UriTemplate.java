// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import dev.mcpmtls.identity.pattern.Glob;
import java.util.regex.Pattern;

/**
 * A URI template (RFC 6570) as rules match it when it is asked whether it may be listed: each variable counts as {@code **}.
 *
 * @param expansions the pattern of what it may expand to
 * @param isPlain whether a wildcard permits some of that, see {@link ResourceUri#isPlain}
 */
public record UriTemplate(Glob expansions, boolean isPlain) {

    private static final Pattern VARIABLE = Pattern.compile("\\{[^}]*\\}");

    /** A template as a server lists it. */
    public static UriTemplate of(String template) {
        return new UriTemplate(
                Glob.ofTemplate(template),
                ResourceUri.isPlain(VARIABLE.matcher(template).replaceAll("a")));
    }

    /** Whether some expansion is matched by a permit's pattern. */
    public boolean isPermittedBy(Glob pattern) {
        return (isPlain || pattern.isLiteral()) && pattern.intersects(expansions);
    }

    /** Whether every expansion is matched by a deny's pattern. */
    public boolean isDeniedBy(Glob pattern) {
        return pattern.covers(expansions);
    }
}
