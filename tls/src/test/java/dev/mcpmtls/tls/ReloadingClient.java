// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program with the smallest class path: three lines make it a client that reloads. The server is the JDK's own. */
abstract class ReloadingClient {

    private static final String PASSWORD = "secret";

    @TempDir
    private Path directory;

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA");
    private HttpsServer server;

    @BeforeEach
    void serve() throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(ca.server("weather").keyStore(PASSWORD), PASSWORD.toCharArray());
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("ca", ca.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters demanding = context.getDefaultSSLParameters();
                demanding.setNeedClientAuth(true);
                parameters.setSSLParameters(demanding);
            }
        });
        server.createContext("/", ReloadingClient::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void presentsTheCredentialThatReplacesItsFiles() throws Exception {
        Issued first = ca.client("app");
        Path credential = first.writeTo(directory.resolve("app"), ca.certificate());

        TlsProfile profile = TlsProfile.strict(credential);
        HttpClient client = profile.secure(HttpClient.newBuilder()).build();
        assertThat(get(client)).isEqualTo(serialNumber(first));

        Issued second = ca.client("app");
        second.writeTo(credential, null);
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!get(client).equals(serialNumber(second))) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @Test
    void refusesAServerOfAnotherAuthority() {
        ThrowawayCa elsewhere = ThrowawayCa.root("Elsewhere");
        Path credential = elsewhere.client("app").writeTo(directory.resolve("app"), elsewhere.certificate());

        TlsProfile profile = TlsProfile.strict(credential);
        HttpClient client = profile.secure(HttpClient.newBuilder()).build();
        assertThatThrownBy(() -> get(client))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("UNTRUSTED_ISSUER");
    }

    /** With the serial number of the client's certificate; then the connection closes. */
    private static void answer(HttpExchange exchange) throws IOException {
        X509Certificate client =
                (X509Certificate) ((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0];
        byte[] body = client.getSerialNumber().toString().getBytes();
        exchange.getResponseHeaders().set("Connection", "close");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private BigInteger get(HttpClient client) throws Exception {
        URI url = URI.create("https://localhost:" + server.getAddress().getPort() + "/");
        HttpResponse<String> answer = client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
        return new BigInteger(answer.body());
    }

    private static BigInteger serialNumber(Issued issued) {
        return issued.leaf().getSerialNumber();
    }
}
