// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol.observe;

/**
 * How messages travel, and between whom.
 *
 * @param transport {@code tcp}, or {@code pipe} for standard streams
 * @param httpVersion {@code 1.1} or {@code 2}; empty when it is not HTTP, or not known yet
 * @param address the other end's host name or IP address; empty when there is none
 * @param port the other end's; 0 when there is none
 * @param peer the identity that the other end proved; empty when it proved none
 */
public record Wire(String transport, String httpVersion, String address, int port, String peer) {

    /** Standard streams of a process on this machine. */
    public static final Wire PIPE = new Wire("pipe", "", "", 0, "");

    /** HTTP. */
    public static Wire http(String version, String address, int port, String peer) {
        return new Wire("tcp", version, address, port, peer);
    }
}
