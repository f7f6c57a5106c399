// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
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

    /** Makes the first message of a handshake, whose keys load most of the TLS engine. It is never sent. */
    private static void use() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], new TrustManager[0], null);
            SSLEngine engine = context.createSSLEngine("localhost", 443);
            engine.setUseClientMode(true);
            ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            var unusedHello = engine.wrap(ByteBuffer.allocate(0), hello);
            var unusedClient = HttpClient.newBuilder();
        } catch (GeneralSecurityException | SSLException e) {
            // The connection fails in the same way, and says so.
        }
    }
}
