// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** Uses once, in a thread beside the one that reads settings, those parts of Java that the first connection takes longest to load. */
public final class WarmUp {

    private WarmUp() {}

    /** Begins, and returns at once. */
    public static void start() {
        Thread thread = new Thread(WarmUp::use, "warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    private static void use() {
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(new KeyManager[0], new TrustManager[0], null);
            tls.createSSLEngine("localhost", 443).getSSLParameters();
            var unused = HttpClient.newBuilder()
                    .sslContext(tls)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
        } catch (GeneralSecurityException e) {
            // The connection will say what this Java lacks.
        }
    }
}
