// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.server.McpServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that end without closing what they opened, in JVMs of their own: clients let them end, servers go on serving. */
@Timeout(90)
class ForgottenIT {

    @TempDir
    private Path directory;

    private final ThrowawayCa ca = ThrowawayCa.root("Test CA");

    /** A server's program; its main method returns at once. */
    static final class Serving {

        private Serving() {}

        public static void main(String[] arguments) {
            MtlsServerTransport transport = MtlsServerTransport.builder()
                    .listen("127.0.0.1", 0)
                    .tls(TlsProfile.strict(Path.of(arguments[0])))
                    .build();
            var unused = McpServer.sync(transport).serverInfo("forgotten", "1").build();
            transport.start();
            System.out.println(transport.uri().getPort());
        }
    }

    /** A client's program: {@code transport} or {@code http}, and the server's address. */
    static final class Calling {

        private Calling() {}

        public static void main(String[] arguments) {
            TlsProfile profile = TlsProfile.strict(Path.of(arguments[0]));
            URI server = URI.create(arguments[2]);
            McpSyncClient client = McpClient.sync(
                            arguments[1].equals("transport")
                                    ? MtlsClientTransport.builder(server)
                                            .tls(profile)
                                            .build()
                                    : HttpClientStreamableHttpTransport.builder("https://localhost:" + server.getPort())
                                            .customizeClient(MtlsHttpClient.customizer(profile))
                                            .build())
                    .build();
            System.out.println(client.initialize().serverInfo().name());
        }
    }

    @Test
    void aClientLetsItsProgramEndAndAServerDoesNot() throws Exception {
        Path credential = issued().writeTo(directory.resolve("both"), ca.certificate());
        Process server = start(Serving.class, credential.toString());
        try {
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
            String url = "https://localhost:" + out.readLine() + "/mcp";
            for (String kind : new String[] {"transport", "http"}) {
                Process client = start(Calling.class, credential.toString(), kind, url);
                try {
                    assertThat(client.waitFor(30, TimeUnit.SECONDS)).as(kind).isTrue();
                    assertThat(client.exitValue()).isZero();
                    assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                            .contains("forgotten");
                } finally {
                    client.destroyForcibly();
                }
            }
            assertThat(server.isAlive()).isTrue();
        } finally {
            server.destroyForcibly();
        }
    }

    private Issued issued() {
        return ca.server(
                "both", spec -> spec.extendedKeyUsage(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth));
    }

    private static Process start(Class<?> program, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName());
        builder.command().addAll(java.util.List.of(arguments));
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
