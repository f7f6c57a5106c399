// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.protocol.observe.Observer;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The program that asks a server.
 *
 * @param name as servers see it
 * @param patience for the connection, and for each answer
 * @param notices takes sentences for the user; they may hold text of the server
 */
public record Asker(String name, String version, Duration patience, Observer observer, Consumer<String> notices) {}
