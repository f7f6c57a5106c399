// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sends the first connection to one server and all others to another, as an attacker on the path can. */
final class Relay implements AutoCloseable {

    private final ServerSocket listening;
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    private Relay(ServerSocket listening) {
        this.listening = listening;
    }

    /** To the real authority first, so that its anchor is fetched, then to the impostor. */
    static Relay between(RunningAuthority impostor, RunningAuthority first) throws IOException {
        Relay relay = new Relay(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()));
        daemon(() -> {
            int target = first.uri().getPort();
            while (true) {
                Socket in = relay.listening.accept();
                Socket out = new Socket(InetAddress.getLoopbackAddress(), target);
                target = impostor.uri().getPort();
                relay.open.addAll(List.of(in, out));
                daemon(() -> in.getInputStream().transferTo(out.getOutputStream()));
                daemon(() -> out.getInputStream().transferTo(in.getOutputStream()));
            }
        });
        return relay;
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // closed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    URI uri() {
        return URI.create("https://localhost:" + listening.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
