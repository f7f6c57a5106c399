// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.token.TokenSource;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The program that asks a server.
 *
 * @param name as servers see it
 * @param patience for the connection, and for each answer
 * @param notices takes sentences for the user; they may hold text of the server
 * @param tokens for the server, should it want any besides our certificate
 */
public record Asker(
        String name,
        String version,
        Duration patience,
        Observer observer,
        Consumer<String> notices,
        TokenSource tokens) {

    /** One without tokens. */
    public Asker(String name, String version, Duration patience, Observer observer, Consumer<String> notices) {
        this(name, version, patience, observer, notices, TokenSource.NONE);
    }
}
