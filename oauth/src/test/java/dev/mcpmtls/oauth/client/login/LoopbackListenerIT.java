// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.oauth.client.login.LoopbackListener.Head;
import dev.mcpmtls.oauth.client.login.LoopbackListener.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs of other users on this machine reach the listener too. */
@Timeout(60)
class LoopbackListenerIT {

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final String HALF = "GET /callback?code=x HTTP/1.1\r\nHost: 127";
    private static final String WHOLE = "GET /x?y=z HTTP/1.1\r\nHost: a\r\nhost:b\r\n\r\n";

    private final List<Head> heads = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private LoopbackListener listener(Duration patience) throws IOException {
        LoopbackListener listener = new LoopbackListener(0, patience, head -> {
            heads.add(head);
            return new Reply("HTTP/1.1 200 OK\r\n\r\nhello", () -> {});
        });
        open.add(listener);
        return listener;
    }

    private Socket sent(LoopbackListener listener, String text) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), listener.port());
        open.add(0, socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String answer(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException reset) {
            return "";
        }
    }

    @Test
    void readsAHeadInPieces() throws Exception {
        LoopbackListener listener = listener(LONG);
        Socket socket = sent(listener, "");
        for (char c : WHOLE.toCharArray()) {
            socket.getOutputStream().write(c);
            socket.getOutputStream().flush();
        }

        assertThat(answer(socket)).endsWith("hello");
        assertThat(heads).containsExactly(new Head("GET", "/x?y=z", List.of("a", "b")));
    }

    @Test
    void hasNoMethodForAHeadOfAnotherForm() throws Exception {
        LoopbackListener listener = listener(LONG);
        for (String text : List.of("GET  /x HTTP/1.1", "GET /x", "PRI * HTTP/2.0", "\u0016\u0003\u0001", " ")) {
            answer(sent(listener, text + "\r\nHost: a\r\n\r\n"));
        }

        assertThat(heads).hasSize(5).allMatch(head -> head.method().isEmpty());
    }

    @Test
    void answersBesideAnyNumberOfRequestsThatAreNotFinished() throws Exception {
        LoopbackListener listener = listener(LONG);
        for (int i = 0; i < 500; i++) {
            sent(listener, HALF);
        }

        assertThat(answer(sent(listener, WHOLE))).endsWith("hello");
        assertThat(heads).hasSize(1);
    }

    @Test
    void theOldestOf128ConnectionsGivesWay() throws Exception {
        LoopbackListener listener = listener(LONG);
        Socket oldest = sent(listener, HALF);
        List<Socket> next = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            next.add(sent(listener, HALF));
        }

        assertThat(answer(oldest)).isEmpty();
        next.get(127).getOutputStream().write(".0.0.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(answer(next.get(127))).endsWith("hello");
    }

    @Test
    void closesAConnectionThatTakesTooLong() throws Exception {
        assertThat(answer(sent(listener(Duration.ofMillis(50)), HALF))).isEmpty();
        assertThat(heads).isEmpty();
    }

    @Test
    void closesAConnectionWithAHeadWithoutEnd() throws Exception {
        assertThat(answer(sent(listener(LONG), "GET /" + "x".repeat(24 * 1024))))
                .isEmpty();
        assertThat(heads).isEmpty();
    }
}
