// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers;

import dev.mcpmtls.identity.Printable;

/** Text from a caller, quoted for a message. */
public final class Quoted {

    private static final int MAX_CODE_POINTS = 60;

    private Quoted() {}

    /** The text on one line in double quotes, as {@link Printable#line}, cut after 60 characters. */
    public static String of(String text) {
        return '"' + Printable.line(Printable.cut(text, MAX_CODE_POINTS)) + '"';
    }
}
