// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Act.Verb;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Remedies that several findings share. */
final class Remedies {

    private static final Pattern SPIFFE_NAME = Pattern.compile("spiffe://\\S*/([A-Za-z0-9][A-Za-z0-9._-]*)");

    private Remedies() {}

    static Remedy renew(String who) {
        return Remedy.of(Act.on(Verb.RENEW, name(who)));
    }

    static Remedy reissue(String who) {
        return Remedy.of("have its authority issue it again").by(Act.on(Verb.RENEW, name(who)));
    }

    /** The remedy for faults that a renewal keeps, because it keeps the key, and with it a revocation. */
    static Remedy rekey(String who) {
        return Remedy.of("give it a new key").by(Act.on(Verb.REKEY, name(who)));
    }

    /** A remedy, or to tolerate the fault where it is refused. */
    static Remedy orTolerate(String remedy, Tolerance tolerance) {
        return Remedy.of(remedy + ", or set ")
                .then(Setting.TOLERATE, tolerance.text())
                .then(" on the side that refuses it");
    }

    /** The credential's name in the store, where it is known: the last segment of its SPIFFE ID, never text that a shell would interpret. */
    private static String name(String who) {
        Matcher matcher = SPIFFE_NAME.matcher(who);
        return matcher.matches() ? matcher.group(1) : "";
    }
}
