// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.identity.pattern.NamePattern;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.util.List;

/** The settings of {@code console}, the page of a process. */
public final class ConsoleKeys {

    private static final KeyTable TABLE = new KeyTable();

    /** Where health, metrics and the console are, when no address is set. */
    public static final ListenAddress STANDARD = new ListenAddress("127.0.0.1", 9443);

    /** Whether there is a page on loopback. */
    public static final Key<Boolean> CONSOLE_ENABLED = TABLE.key(
            "console.enabled",
            Type.bool(),
            "false",
            "whether serve has a page about calls, refusals and certificates at health.listen, which must be on"
                    + " loopback; default there 127.0.0.1:9443");

    /** Where the page is over mutual TLS. */
    public static final Key<ListenAddress> CONSOLE_LISTEN = TABLE.optional(
            "console.listen",
            Type.of("HOST:PORT", ListenAddress::parse),
            "where serve has that page over mutual TLS, for other machines; needs console.credential and"
                    + " console.peers");

    /** The credential that it presents. */
    public static final Key<String> CONSOLE_CREDENTIAL = TABLE.optional(
            "console.credential", Type.text("NAME"), "the credential that the page presents at console.listen");

    /** The peers that may read it. */
    public static final Key<List<NamePattern>> CONSOLE_PEERS = TABLE.list(
            "console.peers",
            Type.of("NAME", NamePattern::parse),
            List.of(),
            "the peers that may read the page at console.listen, as access rules name them");

    private ConsoleKeys() {}

    static List<Key<?>> all() {
        return TABLE.all();
    }
}
