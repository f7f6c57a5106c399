// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/** Serves the conformance suites' fixtures over mutual TLS. */
public final class ConformanceServer {

    private ConformanceServer() {}

    /**
     * Listens on loopback until it is stopped.
     *
     * @param args the port, and the store, whose credential {@code echo} the server presents
     */
    public static void main(String[] args) {
        MtlsServerTransport transport = serve(Integer.parseInt(args[0]), Path.of(args[1], "credentials", "echo"));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> transport.shutdown(Duration.ofSeconds(1)).join()));
        System.out.println("conformance server ready at " + transport.uri());
    }

    private static MtlsServerTransport serve(int port, Path credential) {
        TrustAnchors anchors = TrustAnchors.load(credential.resolve("ca.crt"));
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(anchors), InstantSource.system());
        TlsProfile tls = TlsProfile.builder(CredentialSource.fixed(Credential.load(credential)), verifier)
                .build();
        MtlsServerTransport transport =
                MtlsServerTransport.builder().listen("127.0.0.1", port).tls(tls).build();
        McpServer.AsyncSpecification<?> specification = McpServer.async(transport)
                .serverInfo("conformance", "1.0")
                .requestTimeout(Duration.ofSeconds(30))
                .capabilities(ServerCapabilities.builder()
                        .tools(true)
                        .prompts(true)
                        .resources(true, true)
                        .completions()
                        .logging()
                        .build());
        PlainTools.addTo(specification);
        NotifyingTools.addTo(specification);
        AskingFeatures.addTo(specification);
        LongTools.addTo(specification);
        Documents.addTo(specification);
        McpAsyncServer server = specification.build();
        ListChanges.addTo(server);
        transport.start();
        return transport;
    }
}
