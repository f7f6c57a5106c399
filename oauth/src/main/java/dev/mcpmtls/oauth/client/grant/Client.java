// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.grant;

/**
 * This program, as an authorization server knows it.
 *
 * @param id {@code client_id}
 */
public record Client(String id, ClientAuthentication authentication) {}
