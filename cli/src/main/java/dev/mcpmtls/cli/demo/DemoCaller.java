// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.demo;

import dev.mcpmtls.bridge.connect.Bridge;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.cli.client.SdkConnection;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.tls.probe.PlainTls;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.trust.TrustAnchors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Callers of the demo. Each says in a word how it fared: {@code answered}, the alert it got, or why it refused the server. */
final class DemoCaller {

    static final String ANSWERED = "answered";
    static final String DENIED = "denied";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern ALERT = Pattern.compile("fatal alert: ([a-z_]+)");

    private static final Pattern SAID_ALERT = Pattern.compile("the alert ([a-z_]+)");
    private static final String HOSTS_WORDS = """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
        "clientInfo":{"name":"demo","version":"1"}}}
        {"jsonrpc":"2.0","method":"notifications/initialized"}
        {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"greet","arguments":{}}}
        """;

    private DemoCaller() {}

    /** Calls {@code echo} with a credential. */
    static String call(DemoStage stage, Credential credential, URI server, Optional<Identity> expected) {
        MtlsClientTransport.Builder transport =
                MtlsClientTransport.builder(server).tls(stage.profile(credential));
        expected.ifPresent(transport::expecting);
        try (SdkConnection connection = SdkConnection.open(transport, TIMEOUT)) {
            connection.call("echo", Map.of("text", "hello"));
            return ANSWERED;
        } catch (RuntimeException e) {
            return ConnectionException.in(e).map(DemoCaller::word).orElse(String.valueOf(e.getMessage()));
        }
    }

    /** Calls a tool; what the server's rules deny is {@code denied}. */
    static String call(DemoStage stage, Credential credential, URI server, String tool, Map<String, Object> arguments) {
        MtlsClientTransport.Builder transport =
                MtlsClientTransport.builder(server).tls(stage.profile(credential));
        try (SdkConnection connection = SdkConnection.open(transport, TIMEOUT)) {
            connection.call(tool, arguments);
            return ANSWERED;
        } catch (RuntimeException e) {
            return Failure.of(e).code() == ExitCode.DENIED ? DENIED : String.valueOf(e.getMessage());
        }
    }

    /** Calls {@code greet} as a desktop host does: through {@code connect}, which speaks stdio to it. */
    static String callThroughConnect(DemoStage stage, Credential credential, URI server) {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        ServerWatch watch = stage.watch();
        new Bridge(server, stage.profile(credential, watch), watch, notice -> {})
                .run(new ByteArrayInputStream(HOSTS_WORDS.getBytes(StandardCharsets.UTF_8)), answers);
        for (String line : answers.toString(StandardCharsets.UTF_8).lines().toList()) {
            JsonNode answer = JsonMapper.shared().readTree(line);
            if (answer.has("error")) {
                String message = answer.at("/error/message").asString("");
                Matcher alert = SAID_ALERT.matcher(message);
                return alert.find() ? alert.group(1) : message;
            }
        }
        return answers.size() == 0 ? "no answer" : ANSWERED;
    }

    private static String word(ConnectionException failure) {
        if (failure instanceof ConnectionException.RefusedByPeer refused) {
            return refused.alert().orElse("closed without a word");
        }
        return failure instanceof ConnectionException.PeerRefused refused
                ? refused.findings().get(0).reason().name()
                : String.valueOf(failure.getMessage());
    }

    /** A client that knows nothing of mutual TLS: the JDK's, trusting our authority. */
    static String callWithoutCertificate(TrustAnchors anchors, URI server) {
        try (SSLSocket socket = new PlainTls(anchors, Optional.empty()).connect(server.getHost(), server.getPort())) {
            socket.setSoTimeout(Math.toIntExact(TIMEOUT.toMillis()));
            socket.startHandshake();
            // In TLS 1.3 the client has finished before the server has verified it: the verdict comes with the first
            // read.
            return socket.getInputStream().read() < 0 ? "closed without a word" : ANSWERED;
        } catch (IOException e) {
            Matcher alert = ALERT.matcher(String.valueOf(e.getMessage()));
            return alert.find() ? alert.group(1) : String.valueOf(e.getMessage());
        }
    }
}
