// SPDX-License-Identifier: Apache-2.0
package rival;

import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.transport.HttpServletStatelessServerTransport;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import jakarta.servlet.http.HttpServlet;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** The official SDK's servlet transports on embedded Jetty, everything else at its default. */
public final class JettyServer {
    private static final Tool ECHO = Tool.builder("echo", Map.of(
                    "type", "object", "properties", Map.of("text", Map.of("type", "string")), "required", List.of("text")))
            .description("Echoes the text")
            .build();

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[1]);
        Path pki = Path.of(args[2]);
        HttpServlet servlet = args[0].equals("stateless") ? stateless() : streamable();

        Server server = new Server();
        ServerConnector connector = new ServerConnector(
                server, new SslConnectionFactory(tls(pki), "http/1.1"), new HttpConnectionFactory(secure()));
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        connector.setIdleTimeout(300_000);
        connector.setAcceptQueueSize(4096);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        context.addServlet(holder, "/mcp");
        server.setHandler(context);
        server.start();
    }

    private static HttpServlet stateless() {
        HttpServletStatelessServerTransport transport =
                HttpServletStatelessServerTransport.builder().messageEndpoint("/mcp").build();
        McpServer.sync(transport)
                .serverInfo("echo", "1")
                .capabilities(ServerCapabilities.builder().tools(false).build())
                .toolCall(ECHO, (context, request) -> echo(request))
                .build();
        return transport;
    }

    private static HttpServlet streamable() {
        HttpServletStreamableServerTransportProvider transport =
                HttpServletStreamableServerTransportProvider.builder().mcpEndpoint("/mcp").build();
        McpServer.sync(transport)
                .serverInfo("echo", "1")
                .capabilities(ServerCapabilities.builder().tools(false).build())
                .toolCall(ECHO, (exchange, request) -> echo(request))
                .build();
        return transport;
    }

    private static CallToolResult echo(CallToolRequest request) {
        return CallToolResult.builder().addTextContent((String) request.arguments().get("text")).build();
    }

    private static HttpConfiguration secure() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.addCustomizer(new SecureRequestCustomizer());
        return configuration;
    }

    private static SslContextFactory.Server tls(Path pki) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(pki.resolve("ca.crt"))) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setKeyStorePath(pki.resolve("server.p12").toString());
        tls.setKeyStorePassword("benchmark");
        tls.setTrustStore(trusted);
        tls.setNeedClientAuth(true);
        tls.setIncludeProtocols("TLSv1.3");
        return tls;
    }
}
