// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.servers.echo.EchoServer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.testkit.ThrowawayCrl;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command gets the list that the authority publishes over HTTP, and believes it. */
class RevocationFetchIT {

    @TempDir
    private Path store;

    private final ThrowawayCa ca = ThrowawayCa.root("Publishing CA");
    private HttpServer publisher;
    private Issued echo;
    private volatile ThrowawayCrl published = ca.crl();
    private MtlsServerTransport server;

    @BeforeEach
    void publishAndServe() throws IOException {
        publisher = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        publisher.createContext("/ca.crl", exchange -> {
            byte[] crl = published.encoded();
            exchange.sendResponseHeaders(200, crl.length);
            exchange.getResponseBody().write(crl);
            exchange.close();
        });
        publisher.start();
        String location = "http://127.0.0.1:" + publisher.getAddress().getPort() + "/ca.crl";
        Path credentials = store.resolve("credentials");
        ca.client("coordinator", spec -> spec.crlAt(location))
                .writeTo(credentials.resolve("coordinator"), ca.certificate());
        echo = ca.server("echo", spec -> spec.crlAt(location));
        server = MtlsServerTransport.builder()
                .tls(TlsProfile.strict(echo.writeTo(credentials.resolve("echo"), ca.certificate())))
                .build();
        EchoServer.over(server);
        server.start();
    }

    @AfterEach
    void stop() {
        server.shutdown(Duration.ZERO).join();
        publisher.stop(0);
    }

    @Test
    void callsAServerThatThePublishedListClears() {
        Run run = call();

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("hello\n");
    }

    @Test
    void refusesAServerThatThePublishedListRevokes() {
        published = ca.crl().revoke(echo.leaf());

        Run run = call();

        assertThat(run.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err()).contains("revoked").contains("Publishing CA");
    }

    @Test
    void refusesAServerWhoseListCannotBeHad() {
        publisher.stop(0);

        Run run = call();

        assertThat(run.exit()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err()).contains("/ca.crl").doesNotContain("tls.revocation.crl");
    }

    private Run call() {
        return Run.of(
                "call",
                server.uri().toString(),
                "echo",
                "text=hello",
                "--dir",
                store.toString(),
                "--tls-revocation-fetch",
                "true",
                "--tls-revocation-mode",
                "hard-fail");
    }
}
