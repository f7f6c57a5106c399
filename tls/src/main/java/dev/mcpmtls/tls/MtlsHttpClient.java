// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import java.net.http.HttpClient;
import java.util.function.Consumer;

/**
 * Mutual TLS for libraries that have their users customize the client of {@code java.net.http} that they make, for example the MCP
 * SDK:
 *
 * <pre>{@code
 * McpClientTransport transport = HttpClientStreamableHttpTransport.builder("https://localhost:8443")
 *         .customizeClient(MtlsHttpClient.customizer(profile))
 *         .build();
 * }</pre>
 *
 * <p>Programs that make the client themselves use {@link TlsProfile#secure}.
 */
public final class MtlsHttpClient {

    private MtlsHttpClient() {}

    /**
     * Gives a client the profile's credential and verifier, and keeps it from following redirects: a certificate is meant for the
     * server that was named. No property of the JVM is touched.
     */
    public static Consumer<HttpClient.Builder> customizer(TlsProfile profile) {
        return client -> profile.secure(client).followRedirects(HttpClient.Redirect.NEVER);
    }
}
