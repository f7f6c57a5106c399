// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.bridge.connect.ScriptedServer;
import dev.mcpmtls.bridge.connect.ScriptedServer.Received;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.bridge.remote.Wire;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A program asks servers that refuse, fail, or would keep it waiting. */
@Timeout(60)
class HostileServerIT extends ServerClientFixture {

    @Test
    void tellsErrorsInTheServersWordsMadePrintable() throws Exception {
        try (ServerClient client = open()) {
            server.script(request -> error(request, 403, 403, "no\u001b[2J rule"));

            assertThatThrownBy(() -> client.call("echo", Map.of()))
                    .isInstanceOfSatisfying(
                            ServerErrorException.class,
                            refused -> assertThat(refused.code()).isEqualTo(403))
                    .hasMessageContaining("rule")
                    .hasMessageNotContaining("\u001b");
        }
    }

    @Test
    void tellsHttpErrorsThatAreNoMcp() throws Exception {
        try (ServerClient client = open()) {
            server.script(request -> request.send(404, "text/html", "<b>it's gone</b>"));
            Outage lost = outage(() -> client.list(Method.TOOLS_LIST, "tools"));
            assertThat(lost.kind()).isEqualTo(Outage.Kind.UNUSABLE_ANSWER);
            assertThat(lost).hasMessageContaining("HTTP status 404", "check the path, usually /mcp");

            server.script(request -> {
                request.exchange().getResponseHeaders().set("Location", "https://elsewhere/mcp");
                request.status(307);
            });
            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools")))
                    .hasMessageContaining("a redirect to 'https://elsewhere/mcp'");
        }
    }

    @Test
    void saysThatALegacyServerRefusesToBegin() {
        server.script(request -> error(request, 200, -32603, "not today"));

        assertThat(outage(this::open))
                .hasMessageContaining("it refused to begin (error -32603 to initialize): not today");
    }

    @Test
    void refusesARevisionThatItDoesNotSpeak() {
        server.script(request -> {
            if (request.says("\"initialize\"")) {
                result(request, "{\"protocolVersion\":\"1999-01-01\",\"capabilities\":{}}");
            } else {
                legacy(request);
            }
        });
        assertThat(outage(this::open)).hasMessageContaining("'1999-01-01'");

        server.script(request -> result(request, "{\"supportedVersions\":[\"2099-01-01\"]}"));
        assertThat(outage(this::open)).hasMessageContaining("2099-01-01");
    }

    @Test
    void givesUpAnAnswerThatDripsForEver() throws Exception {
        try (ServerClient client = open(server.url(), CA.client("c"), Duration.ofSeconds(1), Optional.empty())) {
            server.script(request -> {
                OutputStream stream = request.stream();
                while (true) {
                    Received.event(stream, "", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}");
                    Thread.sleep(50);
                }
            });

            Outage late = outage(() -> client.call("echo", Map.of()));

            assertThat(late.kind()).isEqualTo(Outage.Kind.TIMED_OUT);
            assertThat(late).hasMessageContaining("within 1 second");
        }
    }

    @Test
    void givesUpAServerThatShakesNoHands() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("https://localhost:" + silent.getLocalPort() + "/mcp");

            Outage late = outage(() -> open(url, CA.client("c"), Duration.ofSeconds(1), Optional.empty()));

            assertThat(late.kind()).isEqualTo(Outage.Kind.NOT_REACHED);
            assertThat(late).hasMessageContaining(url + " took too long: no connection within 1 second");
        }
    }

    @Test
    void saysWhoRefusedWhom() {
        Outage refused =
                outage(() -> open(server.url(), ThrowawayCa.root("strangers").client("x"), PATIENCE, Optional.empty()));
        assertThat(refused.kind()).isEqualTo(Outage.Kind.REFUSED_BY_PEER);
        assertThat(refused).hasMessageContaining("refused our certificate");

        Outage unknown = outage(() -> {
            try (ScriptedServer stranger = new ScriptedServer(
                    ThrowawayCa.root("others").server("o"), CA.certificate(), 0, ServerClientFixture::modern)) {
                open(stranger.url(), CA.client("c"), PATIENCE, Optional.empty()).close();
            }
        });
        assertThat(unknown.kind()).isEqualTo(Outage.Kind.PEER_REFUSED);
        assertThat(unknown).hasMessageContaining("refused the server");
        assertThat(server.received).isEmpty();
    }

    /** Each of its questions alone may be answered as slowly as that. */
    @Test
    void isNotHeldUpByQuestionsWhoseAnswersAreNotTaken() throws Exception {
        server.script(request -> {
            if (request.says("tools/call")) {
                StringBuilder questions = new StringBuilder();
                for (int id = 0; id < 200; id++) {
                    questions.append("data: {\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"ping\"}\n\n");
                }
                OutputStream stream = request.stream();
                stream.write(questions.toString().getBytes(StandardCharsets.US_ASCII));
                stream.flush();
                server.untilClosed();
            } else if (request.says("\"result\":{}")) {
                server.untilClosed();
            } else {
                legacy(request);
            }
        });
        try (ServerClient client = open(server.url(), CA.client("c"), Duration.ofSeconds(2), Optional.empty())) {
            assertThat(outage(() -> client.call("echo", Map.of())).kind()).isEqualTo(Outage.Kind.TIMED_OUT);
        }
    }

    @Test
    void givesUpAListWhosePagesTogetherAreLargerThanAMessageMayBe() throws Exception {
        String tool = "{\"name\":\"t\",\"description\":\"" + "x".repeat(Wire.MAX_MESSAGE / 4) + "\"}";
        AtomicInteger page = new AtomicInteger();
        try (ServerClient client = open()) {
            server.script(request -> result(
                    request,
                    "{\"tools\":[" + tool + "]"
                            + (page.incrementAndGet() == 3 ? "" : ",\"nextCursor\":\"" + page + "\"") + "}"));
            assertThat(client.list(Method.TOOLS_LIST, "tools")).hasSize(3);

            assertThat(outage(() -> client.list(Method.TOOLS_LIST, "tools")))
                    .hasMessageContaining("more than 16777216 characters");
            assertThat(page).hasValue(7);
        }
    }

    @Test
    void learnsNoMoreOfTheToolsForACallThanAMessageMayHave() throws Exception {
        String large = "x".repeat(Wire.MAX_MESSAGE / 2);
        AtomicInteger page = new AtomicInteger();
        server.script(request -> {
            if (request.says("tools/list")) {
                String tool = "{\"name\":\"" + large + page + "\",\"inputSchema\":{\"type\":\"object\"}}";
                result(request, "{\"tools\":[" + tool + "],\"nextCursor\":\"" + page.incrementAndGet() + "\"}");
            } else {
                modern(request);
            }
        });
        try (ServerClient client = open()) {
            assertThat(client.call("echo", Map.of())).isInstanceOf(Called.Answered.class);
            assertThat(page).hasValue(2);
        }
    }
}
