// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.testkit.Issued;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** An MCP server over real mutual TLS, which answers each method with what a test says; made of JDK parts. */
final class HostileServer implements AutoCloseable {

    private static final Pattern METHOD = Pattern.compile("\"method\"\\s*:\\s*\"([^\"]*)\"");
    private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*(\"[^\"]*\"|\\d+)");
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");

    private final SSLServerSocket listening;
    private final String header;
    private final UnaryOperator<String> answers;

    /**
     * Starts it.
     *
     * @param header a line of every answer's head
     * @param answers from a method to the members of the response besides its id: {@code "result":…} or {@code "error":…}
     */
    HostileServer(Issued own, X509Certificate anchor, String header, UnaryOperator<String> answers) throws Exception {
        this.header = header;
        this.answers = answers;
        KeyManagerFactory presents = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        presents.init(own.keyStore(""), new char[0]);
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        anchors.setCertificateEntry("anchor", anchor);
        TrustManagerFactory trusts = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusts.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(presents.getKeyManagers(), trusts.getTrustManagers(), null);
        listening = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listening.setNeedClientAuth(true);
        daemon(this::accept);
    }

    String url() {
        return "https://localhost:" + listening.getLocalPort() + "/mcp";
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "hostile-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                SSLSocket socket = (SSLSocket) listening.accept();
                daemon(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            while (true) {
                String head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                Matcher length = LENGTH.matcher(head);
                String body = length.find()
                        ? new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8)
                        : "";
                socket.getOutputStream().write(answer(head, body));
                socket.getOutputStream().flush();
                if (head.toLowerCase(Locale.ROOT).contains("connection: close")) {
                    return;
                }
            }
        } catch (IOException gone) {
            // The client has heard enough.
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private byte[] answer(String head, String body) {
        Matcher method = METHOD.matcher(body);
        Matcher id = ID.matcher(body);
        if (!head.startsWith("POST") || !method.find()) {
            return response("405 Method Not Allowed", "");
        }
        if (!id.find()) {
            return response("202 Accepted", "");
        }
        return response(
                "200 OK", "{\"jsonrpc\":\"2.0\",\"id\":" + id.group(1) + "," + answers.apply(method.group(1)) + "}");
    }

    private byte[] response(String status, String body) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("HTTP/1.1 " + status + "\r\n" + header + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + content.length + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] all = java.util.Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        return all;
    }
}
