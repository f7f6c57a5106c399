// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.connect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.bridge.connect.ScriptedServer.Received;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host and a server of 2026-07-28, which has no sessions, with the bridge between them. */
@Timeout(60)
class ModernHostIT {

    private static final ThrowawayCa CA = ThrowawayCa.root("bridge tests");
    private static final String META = "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
            + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"h\",\"version\":\"1\"},"
            + "\"io.modelcontextprotocol/clientCapabilities\":{}}";
    private static final String TOOLS =
            "{\"tools\":[{\"name\":\"find\",\"inputSchema\":{\"type\":\"object\",\"properties\":"
                    + "{\"city\":{\"type\":\"string\",\"x-mcp-header\":\"City\"},\"n\":{\"type\":\"integer\"}}}}]}";

    @TempDir
    private Path directory;

    private ScriptedServer server;
    private Host host;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer(
                CA.server("s"),
                CA.certificate(),
                0,
                request -> request.json(
                        200,
                        BridgeIT.result(
                                request, request.says("tools/list") ? TOOLS : "{\"resultType\":\"complete\"}")));
        host = Host.of(server.url(), CA.client("c"), CA, directory);
    }

    @AfterEach
    void stop() {
        host.close();
        server.close();
    }

    private static String request(int id, String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + META + params
                + "}}";
    }

    @Test
    void asksTheServerAtOnceWhatItIs() throws Exception {
        String discover = request(1, "server/discover", "");

        host.send(discover);

        assertThat(host.next()).contains("\"id\":1").contains("complete");
        Received asked = server.next("POST");
        assertThat(asked.body()).isEqualTo(discover);
        assertThat(asked.header("MCP-Protocol-Version")).isEqualTo("2026-07-28");
        assertThat(asked.header("Mcp-Method")).isEqualTo("server/discover");
        assertThat(asked.headers()).doesNotContainKeys("Mcp-name", "Mcp-session-id");
    }

    @Test
    void mirrorsNamesAndArgumentsInHeaders() throws Exception {
        host.send(request(1, "tools/list", ""));
        assertThat(host.next()).contains("x-mcp-header");
        server.next("tools/list");

        host.send(request(2, "tools/call", ",\"name\":\"find\",\"arguments\":{\"city\":\"Zürich\",\"n\":1}"));

        assertThat(host.next()).contains("\"id\":2");
        Received call = server.next("POST");
        assertThat(call.header("Mcp-Name")).isEqualTo("find");
        assertThat(call.header("Mcp-Param-City")).isEqualTo("=?base64?WsO8cmljaA==?=");
        assertThat(call.headers()).doesNotContainKey("Mcp-param-n");
    }

    @Test
    void leavesOutToolsWhoseHeadersAreNotValid() throws Exception {
        String valid = "{\"name\":\"find\",\"weight\":1.0,\"inputSchema\":{\"type\":\"object\"}}";
        String invalid = valid.replace("find", "bad")
                .replace("}}", ",\"properties\":{\"v\":{\"type\":\"string\",\"x-mcp-header\":\"a b\"}}}}");
        server.script(request ->
                request.json(200, BridgeIT.result(request, "{\"tools\":[" + invalid + "," + valid + "],\"ttlMs\":0}")));

        host.send(request(1, "tools/list", ""));

        assertThat(host.next()).contains("{\"tools\":[" + valid + "],\"ttlMs\":0}");
        assertThat(host.notices).anyMatch(notice -> notice.contains("'bad' is left out: x-mcp-header 'a b'"));
    }

    @Test
    void readsTheToolsItselfWhereTheHostHasNot() throws Exception {
        host.send(request(1, "tools/call", ",\"name\":\"find\",\"arguments\":{\"city\":\"Bern\"}"));

        assertThat(host.next()).contains("\"id\":1");
        assertThat(server.next("POST").body()).contains("tools/list").contains("clientCapabilities");
        assertThat(server.next("POST").header("Mcp-Param-City")).isEqualTo("Bern");
        assertThat(host.isQuiet()).isTrue();
    }

    @Test
    void readsTheToolsAgainWhenTheServerMissesAHeader() throws Exception {
        host.send(request(1, "tools/call", ",\"name\":\"new\",\"arguments\":{\"city\":\"Bern\"}"));
        assertThat(host.next()).contains("\"id\":1");
        server.arrivals.clear();
        server.script(request -> {
            if (request.says("tools/list")) {
                request.json(200, BridgeIT.result(request, TOOLS.replace("find", "new")));
            } else if (request.header("Mcp-Param-City").equals("Bern")) {
                request.json(200, BridgeIT.result(request, "{\"done\":true}"));
            } else {
                request.json(400, "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32020,\"message\":\"header\"}}");
            }
        });

        host.send(request(2, "tools/call", ",\"name\":\"new\",\"arguments\":{\"city\":\"Bern\"}"));

        assertThat(host.next()).contains("\"id\":2").contains("done");
    }

    @Test
    void passesOnAnErrorThatComesWithAnHttpStatus() throws Exception {
        String error = "{\"code\":-32022,\"message\":\"Unsupported\",\"data\":{\"supported\":[\"2025-11-25\"]}}";
        server.script(request -> request.json(400, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":" + error + "}"));

        host.send(request(3, "server/discover", ""));

        assertThat(host.next()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":" + error + "}");
    }

    @Test
    void opensASubscriptionAgainAndSaysThatSomethingMayBeMissed() throws Exception {
        AtomicInteger opened = new AtomicInteger();
        CountDownLatch over = new CountDownLatch(1);
        server.script(request -> {
            try (OutputStream stream = request.stream()) {
                Received.event(
                        stream,
                        "",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":"
                                + "{\"notifications\":{\"toolsListChanged\":true}}}");
                if (opened.incrementAndGet() > 1) {
                    over.await(10, TimeUnit.SECONDS);
                }
            }
        });

        host.send(request(9, "subscriptions/listen", ",\"notifications\":{\"toolsListChanged\":true}"));

        assertThat(host.next()).contains("acknowledged");
        assertThat(host.next())
                .contains("notifications/tools/list_changed")
                .contains("\"io.modelcontextprotocol/subscriptionId\":9");
        host.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":9}}");
        host.end();
        assertThat(host.isQuiet()).isTrue();
        over.countDown();
    }

    @Test
    void closesTheStreamOfACancelledRequest() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        server.script(request -> {
            if (request.says("\"ping\"")) {
                request.json(200, BridgeIT.result(request, "{}"));
                return;
            }
            OutputStream stream = request.stream();
            try {
                while (!Thread.interrupted()) {
                    Received.event(stream, "", "");
                    Thread.onSpinWait();
                }
            } catch (java.io.IOException e) {
                gone.countDown();
            }
        });
        host.send(request(4, "prompts/get", ",\"name\":\"p\""));
        server.next("prompts/get");

        host.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":4}}");

        assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
        host.send(request(5, "ping", ""));
        assertThat(host.next()).contains("\"id\":5");
        assertThat(server.received).noneMatch(request -> request.says("cancelled"));
    }
}
