// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.tls.TlsProfile;
import java.net.http.HttpClient;

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
        var unusedSuites = TlsProfile.supportedCipherSuites();
        var unusedClient = HttpClient.newBuilder();
    }
}
