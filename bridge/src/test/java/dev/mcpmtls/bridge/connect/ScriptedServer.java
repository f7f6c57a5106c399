// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.mcpmtls.testkit.Issued;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** An HTTPS server that demands a client certificate and answers as a test says. */
public final class ScriptedServer implements AutoCloseable {

    /** The answer to a request. */
    @FunctionalInterface
    public interface Script {
        void answer(Received request) throws IOException, InterruptedException;
    }

    /** One request as it came. */
    public record Received(HttpExchange exchange, String method, String body) {

        public Headers headers() {
            return exchange.getRequestHeaders();
        }

        public String header(String name) {
            return String.valueOf(headers().getFirst(name));
        }

        public boolean says(String text) {
            return body.contains(text);
        }

        public void json(int status, String text) throws IOException {
            send(status, "application/json", text);
        }

        public void send(int status, String type, String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(bytes);
            }
        }

        public void status(int status) throws IOException {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        }

        public OutputStream stream() throws IOException {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.write(": hello\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            return out;
        }

        public static void event(OutputStream out, String id, String data) throws IOException {
            String text = (id.isEmpty() ? "" : "id: " + id + "\n") + "data: " + data + "\n\n";
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        /** Breaks the connection in the middle of whatever was being sent. */
        public void cut() {
            throw new IllegalStateException("cut");
        }
    }

    public final List<Received> received = new CopyOnWriteArrayList<>();
    final BlockingQueue<Received> arrivals = new LinkedBlockingQueue<>();

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Script script;

    public ScriptedServer(Issued credential, X509Certificate anchor, int port, Script script) throws Exception {
        this.script = script;
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        SSLContext context = context(credential, anchor);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Received request = new Received(
                exchange,
                exchange.getRequestMethod(),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        received.add(request);
        arrivals.add(request);
        try {
            script.answer(request);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void script(Script next) {
        script = next;
    }

    /** Waits until the server is closed: for handlers that keep a stream open. */
    public void untilClosed() throws InterruptedException {
        closing.await();
    }

    public Received next(String text) throws InterruptedException {
        for (Received request; (request = arrivals.poll(10, TimeUnit.SECONDS)) != null; ) {
            if (request.method().equals(text) || request.says(text)) {
                return request;
            }
        }
        throw new AssertionError("no request with " + text);
    }

    public URI url() {
        return URI.create("https://localhost:" + port() + "/mcp");
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static SSLContext context(Issued credential, X509Certificate anchor) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(credential.keyStore("secret"), "secret".toCharArray());
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("anchor", anchor);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
