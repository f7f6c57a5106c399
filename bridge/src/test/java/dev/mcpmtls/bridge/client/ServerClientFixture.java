// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.bridge.connect.ScriptedServer;
import dev.mcpmtls.bridge.connect.ScriptedServer.Received;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.RawObject;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A scripted server, and a client that opens it. */
abstract class ServerClientFixture {

    static final ThrowawayCa CA = ThrowawayCa.root("client tests");
    static final Duration PATIENCE = Duration.ofSeconds(10);
    static final String ECHO = "{\"name\":\"echo\",\"description\":\"says it\",\"inputSchema\":{\"type\":\"object\"}}";
    static final String SAID = "{\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}";

    @TempDir
    Path directory;

    final List<AuditEvent> recorded = new CopyOnWriteArrayList<>();
    final List<String> notices = new CopyOnWriteArrayList<>();
    ScriptedServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer(CA.server("s"), CA.certificate(), 0, ServerClientFixture::modern);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static void modern(Received request) throws IOException {
        if (request.says("server/discover")) {
            result(
                    request,
                    "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{}},"
                            + "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"m\",\"version\":\"2\"}}}");
        } else {
            result(request, request.says("tools/list") ? "{\"tools\":[" + ECHO + "]}" : SAID);
        }
    }

    static void legacy(Received request) throws IOException {
        if (request.says("server/discover")) {
            request.status(400);
        } else if (request.says("\"initialize\"")) {
            request.exchange().getResponseHeaders().set("Mcp-Session-Id", "s1");
            result(
                    request,
                    "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
                            + "\"serverInfo\":{\"name\":\"l\",\"version\":\"1\"}}");
        } else if (request.says("\"id\"")) {
            result(request, request.says("tools/list") ? "{\"tools\":[" + ECHO + "]}" : SAID);
        } else {
            request.status(202);
        }
    }

    static void result(Received request, String result) throws IOException {
        request.json(200, "{\"jsonrpc\":\"2.0\",\"id\":" + id(request) + ",\"result\":" + result + "}");
    }

    static void error(Received request, int status, int code, String message) throws IOException {
        request.json(
                status,
                "{\"jsonrpc\":\"2.0\",\"id\":" + id(request) + ",\"error\":{\"code\":" + code + ",\"message\":"
                        + RawObject.quoted(message) + "}}");
    }

    static String id(Received request) {
        return RawObject.parse(request.body()).raw("id").orElseThrow();
    }

    ServerClient open() throws IOException {
        return open(server.url(), CA.client("c"), PATIENCE, Optional.empty());
    }

    ServerClient open(URI url, Issued own, Duration patience, Optional<ToolPins> pins) throws IOException {
        Path written = own.writeTo(directory, CA.certificate());
        ServerWatch watch = new ServerWatch(event -> {
            recorded.add(event);
            return CompletableFuture.completedFuture(null);
        });
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(TrustAnchors.load(written.resolve(TrustAnchors.FILE))), InstantSource.system());
        TlsProfile tls = TlsProfile.builder(CredentialSource.fixed(Credential.load(written)), verifier)
                .engine(TlsEngine.JDK)
                .audit(watch)
                .build();
        Asker asker = new Asker("t", "1", patience, Observer.NONE, notices::add);
        return ServerClient.open(url, tls, watch, asker, pins);
    }

    static Outage outage(ThrowingCallable act) {
        List<Outage> thrown = new ArrayList<>();
        assertThatThrownBy(act).isInstanceOfSatisfying(Outage.class, thrown::add);
        return thrown.get(0);
    }
}
