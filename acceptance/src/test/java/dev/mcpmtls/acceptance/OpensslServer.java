// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code openssl s_server} on a free port, asking for a client certificate. */
final class OpensslServer implements AutoCloseable {

    private final Process process;
    private final int port;
    private final StringBuffer received = new StringBuffer();

    private OpensslServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a server that presents the certificate named by {@code -cert} and {@code -key} options. */
    static OpensslServer present(List<String> credential) {
        int port = Product.freePort();
        try {
            List<String> command =
                    new ArrayList<>(List.of("openssl", "s_server", "-accept", "127.0.0.1:" + port, "-Verify", "1"));
            command.addAll(credential);
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            OpensslServer server = new OpensslServer(process, port);
            server.awaitAccept();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "https://127.0.0.1:" + port + "/mcp";
    }

    /** Its output: its own messages and every application byte it decrypted. */
    String received() {
        return received.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void awaitAccept() throws IOException {
        InputStream out = process.getInputStream();
        byte[] buffer = new byte[4096];
        while (!received.toString().contains("ACCEPT")) {
            int length = out.read(buffer);
            if (length < 0) {
                throw new AssertionError("openssl s_server ended: " + received);
            }
            received.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
        }
        Thread reader = new Thread(() -> readOn(out), "openssl-server-output");
        reader.setDaemon(true);
        reader.start();
    }

    private void readOn(InputStream out) {
        try {
            received.append(new String(out.readAllBytes(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            received.append(e);
        }
    }
}
