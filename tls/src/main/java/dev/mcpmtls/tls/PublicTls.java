// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.handshake.CredentialKeyManager;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/**
 * TLS to servers of the public web, for example authorization servers: the JDK verifies their chain with its own certification authorities, and their
 * name. Never for an MCP server, for which there is {@link TlsProfile}.
 */
public final class PublicTls {

    private PublicTls() {}

    /**
     * Puts it under a client.
     *
     * @param own presented to servers that ask for a certificate
     * @return {@code client}
     */
    public static HttpClient.Builder under(HttpClient.Builder client, Credential own) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new CredentialKeyManager(own)}, null, null);
            return client.sslContext(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }
}
