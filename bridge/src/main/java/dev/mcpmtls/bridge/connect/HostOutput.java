// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import dev.mcpmtls.bridge.remote.Message;
import dev.mcpmtls.bridge.remote.Outage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The messages to the host, one a line. A host that does not read holds up the threads that write, and so the servers' streams: nothing
 * is queued. Thread-safe.
 */
final class HostOutput {

    private final OutputStream out;
    private final Runnable whenGone;

    /** Runs {@code whenGone} when the host no longer takes anything. */
    HostOutput(OutputStream out, Runnable whenGone) {
        this.out = out;
        this.whenGone = whenGone;
    }

    /** Sends a message, whose line breaks (none of them inside a string) become blanks. */
    void send(String message) {
        byte[] line = (message.replace('\n', ' ').replace('\r', ' ') + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            write(line);
        } catch (IOException e) {
            whenGone.run();
        }
    }

    private synchronized void write(byte[] line) throws IOException {
        out.write(line);
        out.flush();
    }

    /** Answers a request with an error. */
    void fail(Message.Request request, Outage outage) {
        send(Message.error(
                Optional.of(request.id()),
                outage.code(),
                String.valueOf(outage.getMessage()),
                Optional.of(outage.data())));
    }
}
