// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.login;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads heads of HTTP/1.1 requests on 127.0.0.1, answers each, and closes. One thread takes the bytes of all connections as they come. So a
 * request that another program began and does not finish keeps none waiting: it has ten seconds and 24 KiB, and the oldest of 128 connections
 * gives way to one more. The JDK's HttpServer lets each such request hold a thread, and has a time limit only for the whole process.
 */
final class LoopbackListener implements AutoCloseable {

    private static final int MAX_CONNECTIONS = 128;
    private static final int MOST_AT_ONCE = 16;
    private static final int MAX_HEAD = 24 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long SWEEP_MILLIS = 200;

    private final Selector selector;
    private final ServerSocketChannel listening;
    private final int port;
    private final long patience;
    private final Function<Head, Reply> answers;
    private final Thread thread;
    private volatile boolean isClosing;

    /**
     * A request without its body.
     *
     * @param method empty when the head has another form
     * @param target as it came, for example {@code /callback?code=x}
     * @param hosts the values of {@code Host}
     */
    record Head(String method, String target, List<String> hosts) {

        private static Head parse(String text) {
            String[] lines = text.split("\r\n");
            String[] words = lines[0].split(" ", -1);
            if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
                return new Head("", "", List.of());
            }
            List<String> hosts = Stream.of(lines)
                    .skip(1)
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("host:"))
                    .map(line -> line.substring("host:".length()).strip())
                    .toList();
            return new Head(words[0], words[1], hosts);
        }
    }

    /**
     * An answer.
     *
     * @param response as it is sent; smaller than a socket's buffer
     * @param sent runs then
     */
    record Reply(String response, Runnable sent) {}

    private record Begun(long at, ByteBuffer bytes) {

        /** The text before the first empty line; empty until that line has come. */
        String head(int before) {
            int from = Math.max(before - 3, 0);
            int end = text(from, bytes.position()).indexOf("\r\n\r\n");
            return end < 0 ? "" : text(0, from + end);
        }

        private String text(int from, int to) {
            return StandardCharsets.ISO_8859_1
                    .decode(bytes.duplicate().limit(to).position(from))
                    .toString();
        }
    }

    /**
     * Listens until it is closed.
     *
     * @param wanted port; 0 for any; another one if it is taken
     */
    LoopbackListener(int wanted, Function<Head, Reply> answers) throws IOException {
        this(wanted, PATIENCE, answers);
    }

    LoopbackListener(int wanted, Duration patience, Function<Head, Reply> answers) throws IOException {
        this.patience = patience.toNanos();
        this.answers = answers;
        this.selector = Selector.open();
        this.listening = ServerSocketChannel.open();
        bind(wanted);
        this.port = ((InetSocketAddress) listening.getLocalAddress()).getPort();
        listening.configureBlocking(false);
        listening.register(selector, SelectionKey.OP_ACCEPT);
        this.thread = new Thread(this::run, "oauth-redirect");
        thread.setDaemon(true);
        thread.start();
    }

    private void bind(int wanted) throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try {
            listening.bind(new InetSocketAddress(loopback, wanted), MAX_CONNECTIONS);
        } catch (BindException e) {
            listening.bind(new InetSocketAddress(loopback, 0), MAX_CONNECTIONS);
        }
    }

    int port() {
        return port;
    }

    private void run() {
        try (selector;
                listening) {
            while (!isClosing) {
                selector.select(this::serve, SWEEP_MILLIS);
                long now = System.nanoTime();
                connections().stream()
                        .filter(key -> now - begun(key).at() > patience)
                        .forEach(LoopbackListener::end);
            }
            connections().forEach(LoopbackListener::end);
        } catch (IOException e) {
            // Nothing listens any more: the login runs out of time.
        }
    }

    private List<SelectionKey> connections() {
        return selector.keys().stream()
                .filter(key -> key.isValid() && key.attachment() != null)
                .toList();
    }

    private static Begun begun(SelectionKey connection) {
        return (Begun) connection.attachment();
    }

    private void serve(SelectionKey key) {
        try {
            if (key.isValid() && key.attachment() == null) {
                accept();
            } else if (key.isValid()) {
                read(key);
            }
        } catch (IOException e) {
            if (key.attachment() != null) {
                end(key);
            }
        }
    }

    /** A few at a time: between them, the connections that are there are read. */
    private void accept() throws IOException {
        for (int accepted = 0; accepted < MOST_AT_ONCE; accepted++) {
            SocketChannel connection = listening.accept();
            if (connection == null) {
                return;
            }
            List<SelectionKey> open = connections();
            if (open.size() >= MAX_CONNECTIONS) {
                open.stream()
                        .min(Comparator.comparingLong(key -> begun(key).at()))
                        .ifPresent(LoopbackListener::end);
            }
            connection.configureBlocking(false);
            connection.register(
                    selector, SelectionKey.OP_READ, new Begun(System.nanoTime(), ByteBuffer.allocate(MAX_HEAD)));
        }
    }

    private void read(SelectionKey key) throws IOException {
        SocketChannel connection = (SocketChannel) key.channel();
        Begun begun = begun(key);
        int before = begun.bytes().position();
        int read = connection.read(begun.bytes());
        String head = begun.head(before);
        if (!head.isEmpty()) {
            Reply reply = answers.apply(Head.parse(head));
            connection.write(ByteBuffer.wrap(reply.response().getBytes(StandardCharsets.UTF_8)));
            reply.sent().run();
        }
        if (!head.isEmpty() || read < 0 || !begun.bytes().hasRemaining()) {
            end(key);
        }
    }

    private static void end(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            // It is gone.
        }
    }

    @Override
    public void close() {
        isClosing = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
