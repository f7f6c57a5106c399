// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditEvent.TokenRefused;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.oauth.resource.Challenge;
import dev.mcpmtls.oauth.resource.ProtectedResource;
import dev.mcpmtls.oauth.resource.TokenVerification;
import dev.mcpmtls.oauth.resource.TrustedIssuer;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.MtlsHttpClient;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** One of our servers, which requires access tokens of an authorization server besides certificates; its clock can be set forward. */
public final class ProtectedServer implements AutoCloseable {

    private static final String INITIALIZE = """
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {},
         "clientInfo": {"name": "test", "version": "1"}}}\
        """;

    private final ThrowawayCa anchor;
    private final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();
    private final TokenVerification verification;
    private final MtlsServerTransport transport;
    private final String url;
    private volatile Duration ahead = Duration.ZERO;

    /**
     * Starts it.
     *
     * @param anchor of all certificates
     */
    public ProtectedServer(
            AuthorizationServer issuer,
            ThrowawayCa anchor,
            Consumer<TrustedIssuer.Builder> trust,
            Consumer<ProtectedResource.Builder> more) {
        this.anchor = anchor;
        TlsProfile tls = profile(anchor.server("mcp"), event -> {
            events.add(event);
            return CompletableFuture.completedFuture(null);
        });
        // A certificate for servers only would be refused by the authorization server, which asks for one of a client.
        TrustedIssuer.Builder trusted = TrustedIssuer.builder(issuer.issuer().toString())
                .security(MtlsHttpClient.customizer(profile(anchor.client("mcp"), AuditSink.none())));
        trust.accept(trusted);
        int port = freePort();
        url = "https://localhost:" + port + "/mcp";
        ProtectedResource.Builder described = ProtectedResource.builder(url).issuer(trusted.build());
        more.accept(described);
        ProtectedResource resource = described.build();
        Challenge challenge = resource.challenge();
        verification = TokenVerification.start(resource, () -> Instant.now().plus(ahead));
        transport = MtlsServerTransport.builder()
                .listen("127.0.0.1", port)
                .tls(tls)
                .accessTokens(AccessTokens.verifiedBy(verification)
                        .metadata(resource.metadataPath(), resource.metadata())
                        .challenges(
                                challenge.missing(),
                                (why, scopes) -> challenge.withScopes(scopes).refused(why))
                        .required())
                .build();
        McpServer.sync(transport)
                .serverInfo("protected", "1")
                .toolCall(
                        McpSchema.Tool.builder("whose", Map.of("type", "object"))
                                .description("Says for whom the token was issued.")
                                .build(),
                        (exchange, call) -> CallToolResult.builder()
                                .addTextContent(Caller.from(exchange.transportContext())
                                        .token()
                                        .map(AccessToken::subject)
                                        .orElse("without a token"))
                                .build())
                .build();
        transport.start();
    }

    /** Its URL, which clients name as the resource of their tokens. */
    public String resource() {
        return url;
    }

    /** Sets its clock forward: for what it remembers of the authorization server. */
    public void later(Duration time) {
        ahead = ahead.plus(time);
    }

    /** The answer to {@code initialize} with a token, over a new connection with that certificate. */
    public HttpResponse<String> answer(Issued own, String token) {
        HttpRequest request = HttpRequest.newBuilder(transport.uri())
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(INITIALIZE))
                .build();
        try {
            HttpClient client = profile(own, AuditSink.none())
                    .secure(HttpClient.newBuilder())
                    .build();
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The refusals that are in its audit log since the last call. */
    public List<TokenRefused> refusals() {
        List<TokenRefused> refused = events.stream()
                .filter(TokenRefused.class::isInstance)
                .map(TokenRefused.class::cast)
                .toList();
        events.removeAll(refused);
        return refused;
    }

    /** Everything in its audit log, as text. */
    public String audit() {
        return events.toString();
    }

    @Override
    public void close() {
        transport.shutdown(Duration.ZERO).join();
        verification.close();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TlsProfile profile(Issued own, AuditSink audit) {
        Credential credential = Credential.of("own", own.privateKey(), new Chain(own.chain()));
        TrustPolicy policy = TrustPolicy.strict(new TrustAnchors(List.of(anchor.certificate())));
        return TlsProfile.builder(CredentialSource.fixed(credential), new ChainVerifier(policy, InstantSource.system()))
                .audit(audit)
                .build();
    }
}
