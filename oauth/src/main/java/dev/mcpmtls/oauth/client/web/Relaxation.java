// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

/** A rule about the URLs that servers name which does not apply. */
public enum Relaxation {
    /** Plain HTTP to loopback addresses, for an authorization server under development. */
    PLAIN_LOOPBACK,
    /** Private and loopback addresses although the MCP server is elsewhere. */
    PRIVATE_ADDRESSES
}
