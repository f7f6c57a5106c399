// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The wording of remedies that several findings share. */
final class Remedies {

    private static final Pattern SPIFFE_NAME = Pattern.compile("spiffe://\\S*/([A-Za-z0-9][A-Za-z0-9._-]*)");

    private Remedies() {}

    static String renew(String who) {
        return "run 'mcp-mtls cert renew " + name(who) + "'";
    }

    static String reissue(String who) {
        return "have its authority issue it again ('mcp-mtls cert renew " + name(who) + "' where that is ours)";
    }

    /** The remedy for faults that a renewal keeps, because it keeps the key, and with it a revocation. */
    static String rekey(String who) {
        return "give it a new key ('mcp-mtls cert rekey " + name(who) + "')";
    }

    /** The credential's name in the store: the last segment of its SPIFFE ID, never text that a shell would interpret. */
    private static String name(String who) {
        Matcher matcher = SPIFFE_NAME.matcher(who);
        return matcher.matches() ? matcher.group(1) : "NAME";
    }
}
