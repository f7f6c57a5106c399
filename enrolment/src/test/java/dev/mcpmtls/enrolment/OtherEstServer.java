// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * An EST server that is not ours: the JDK's HTTP server in front of openssl. It does what RFC 7030 and RFC 8951 allow and ours does not:
 * base64 in one line or in short ones, answers in chunks, other parameters of the media type, certificates in another order and more of
 * them than asked for, an intermediate, answers that come later, no {@code csrattrs}.
 */
final class OtherEstServer implements AutoCloseable {

    private static final String EXTENSIONS = """
            [ca]
            basicConstraints=critical,CA:true
            keyUsage=critical,keyCertSign,cRLSign
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            [server]
            basicConstraints=critical,CA:false
            keyUsage=critical,digitalSignature
            extendedKeyUsage=serverAuth
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            subjectAltName=DNS:localhost
            [agent]
            basicConstraints=critical,CA:false
            keyUsage=critical,digitalSignature
            extendedKeyUsage=clientAuth
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            subjectAltName=URI:spiffe://other.example/agent/laptop-7
            """;

    /** An answer to simplereenroll in the place of the certificate. */
    enum Turn {
        LATER,
        REDIRECT,
        OTHER_KEY,
        NOT_BASE64,
        HTML
    }

    final Deque<Turn> turns = new ArrayDeque<>();
    final List<String> asked = new CopyOnWriteArrayList<>();
    private final Path directory;
    private final HttpsServer server;
    private int issued;

    OtherEstServer(Path directory) throws Exception {
        this.directory = directory;
        Files.writeString(directory.resolve("ext.cnf"), EXTENSIONS);
        openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-384",
                "-nodes",
                "-keyout",
                "root.key",
                "-out",
                "root.crt",
                "-days",
                "30",
                "-subj",
                "/CN=Other root",
                "-addext",
                "keyUsage=critical,keyCertSign,cRLSign");
        issue("issuer", "ca", "root", "EC");
        issue("est", "server", "issuer", "RSA");
        issue("laptop-7", "agent", "issuer", "EC");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        SSLContext tls = tls();
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri() {
        return URI.create("https://localhost:" + server.getAddress().getPort() + "/.well-known/est/agents");
    }

    /** The files of the agent's first credential. */
    void writeCredential(Path to) throws IOException {
        Files.createDirectories(to);
        Files.writeString(to.resolve("tls.crt"), read("laptop-7.crt") + read("issuer.crt"));
        Files.writeString(to.resolve("ca.crt"), read("root.crt"));
        Files.copy(directory.resolve("laptop-7.key"), to.resolve("tls.key"));
        Files.setPosixFilePermissions(
                to.resolve("tls.key"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(exchange.getRequestMethod() + " " + path + " "
                + ((HttpsExchange) exchange).getSSLSession().getPeerPrincipal());
        byte[] body = exchange.getRequestBody().readAllBytes();
        try (exchange) {
            if (path.equals("/.well-known/est/agents/cacerts")) {
                // Issuer first, the root last, in one line without an end.
                send(
                        exchange,
                        "application/pkcs7-mime",
                        Base64.getEncoder().encode(certificates("issuer.crt", "root.crt")));
            } else if (path.equals("/.well-known/est/agents/simplereenroll")) {
                renew(exchange, body);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private void renew(HttpExchange exchange, byte[] body) throws Exception {
        Turn turn = turns.poll();
        if (turn == Turn.LATER) {
            exchange.getResponseHeaders().add("Retry-After", "120");
            exchange.sendResponseHeaders(202, -1);
            return;
        }
        if (turn == Turn.REDIRECT) {
            exchange.getResponseHeaders().add("Location", "https://localhost:1/.well-known/est/simplereenroll");
            exchange.sendResponseHeaders(307, -1);
            return;
        }
        if (turn == Turn.HTML) {
            send(exchange, "text/html", "<html>it works</html>".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        if (turn == Turn.NOT_BASE64) {
            send(exchange, "application/pkcs7-mime", "-----BEGIN PKCS7-----\n".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        Files.write(directory.resolve("request.der"), Base64.getMimeDecoder().decode(body));
        String verified = openssl("req", "-in", "request.der", "-inform", "DER", "-verify", "-noout", "-text");
        asked.add(verified);
        if (turn != Turn.OTHER_KEY) {
            openssl("req", "-in", "request.der", "-inform", "DER", "-out", "laptop-7.csr");
            sign("laptop-7", "agent", "issuer");
        }
        byte[] short76 = Base64.getMimeEncoder(20, new byte[] {'\n'})
                .encode(certificates("root.crt", "issuer.crt", turn == Turn.OTHER_KEY ? "est.crt" : "laptop-7.crt"));
        send(exchange, "Application/PKCS7-Mime; name=\"x.p7\"; smime-type=certs-only", short76);
    }

    /** In chunks of a few bytes. */
    private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            for (int from = 0; from < body.length; from += 100) {
                out.write(body, from, Math.min(100, body.length - from));
                out.flush();
            }
        }
    }

    private byte[] certificates(String... files) throws Exception {
        List<String> words =
                new java.util.ArrayList<>(List.of("crl2pkcs7", "-nocrl", "-outform", "DER", "-out", "out.p7"));
        for (String file : files) {
            words.addAll(List.of("-certfile", file));
        }
        openssl(words.toArray(String[]::new));
        return Files.readAllBytes(directory.resolve("out.p7"));
    }

    private void issue(String name, String section, String issuer, String type) throws Exception {
        String[] key = type.equals("EC")
                ? new String[] {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}
                : new String[] {"rsa:2048"};
        List<String> words = new java.util.ArrayList<>(List.of("req", "-new", "-nodes", "-newkey"));
        words.addAll(List.of(key));
        words.addAll(List.of("-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name));
        openssl(words.toArray(String[]::new));
        sign(name, section, issuer);
    }

    private void sign(String name, String section, String issuer) throws Exception {
        openssl(
                "x509",
                "-req",
                "-in",
                name + ".csr",
                "-CA",
                issuer + ".crt",
                "-CAkey",
                issuer + ".key",
                "-set_serial",
                String.valueOf(1000 + issued++),
                "-days",
                "2",
                "-extfile",
                "ext.cnf",
                "-extensions",
                section,
                "-out",
                name + ".crt");
    }

    private String openssl(String... words) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of("openssl"));
        all.addAll(List.of(words));
        return Tools.text(Tools.run(directory, new byte[0], all.toArray(String[]::new)));
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    private SSLContext tls() throws Exception {
        Files.writeString(directory.resolve("est.chain"), read("est.crt") + read("issuer.crt"));
        openssl("pkcs12", "-export", "-in", "est.chain", "-inkey", "est.key", "-out", "est.p12", "-passout", "pass:x");
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("est.p12"))) {
            own.load(in, new char[] {'x'});
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, new char[] {'x'});
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new AnyClient()}, null);
        return context;
    }

    /** Takes any client certificate: what the client sends is what the test looks at. */
    private static final class AnyClient implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
