// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Servers that redirect, overdo it, break off, forget, or are of another age. */
class OddServersIT extends OddServers {

    @Test
    void aRedirectIsNotFollowed() {
        server.answer(request -> request.response()
                .setStatusCode(307)
                .putHeader("Location", "https://elsewhere.example/mcp")
                .end());
        assertThatThrownBy(() -> client(Era.LEGACY).initialize())
                .rootCause()
                .isInstanceOf(UnusableAnswer.class)
                .hasMessageContaining("a redirect to 'https://elsewhere.example/mcp'; redirects are not followed");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void anAnswerAboveTheBoundIsRefused() {
        server.answer(request -> request.response()
                .putHeader("Content-Type", "application/json")
                .end("[" + " ".repeat(2_000_000) + "]"));
        assertThatThrownBy(() -> client(Era.LEGACY).initialize())
                .rootCause()
                .hasMessageContaining("a message exceeds 1000000 bytes");
    }

    @Test
    void anEndlessEventIsRefused() {
        server.answer(request -> {
            HttpServerResponse response = stream(request);
            response.write("data: ");
            Runnable more = new Runnable() {
                @Override
                public void run() {
                    response.write("x".repeat(100_000)).onSuccess(written -> run());
                }
            };
            more.run();
        });
        assertThatThrownBy(() -> client(Era.LEGACY).initialize())
                .rootCause()
                .hasMessageContaining("a message exceeds 1000000 bytes");
    }

    @Test
    void anErrorToInitializeIsTheServersAndClean() {
        for (int status : new int[] {200, 400, 500}) {
            server.answer(request -> request.body().onSuccess(body -> {
                lastId = String.valueOf(body.toJsonObject().getValue("id"));
                request.response().setStatusCode(status);
                json(request, """
                    {"jsonrpc":"2.0","id":"%s","error":{"code":-32603,"message":"not\\u001b[2J today\\nok \\u202e\\u009b \\u00fc"}}\
                    """);
            }));
            for (Era era : new Era[] {Era.LEGACY, Era.AUTO}) {
                assertThatThrownBy(() -> client(era).initialize())
                        .satisfies(thrown -> assertThat(ConnectionException.in(thrown))
                                .hasValueSatisfying(found -> assertThat(found)
                                        .isInstanceOf(UnusableAnswer.class)
                                        .hasMessageContaining(
                                                "it refused to begin (error -32603 to initialize): not\\u001b[2J today"
                                                        + "\\nok \\u202e\\u009b \u00fc")));
            }
        }
    }

    @Test
    void anErrorOfACallIsClean() {
        server.answer(legacy(request -> json(request, """
            {"jsonrpc":"2.0","id":"%s","error":{"code":-32000,"message":"a\\u001b]0;b\\u0007\\r\\nc"}}\
            """)));
        try (McpSyncClient client = client(Era.LEGACY)) {
            client.initialize();
            assertThatThrownBy(client::listTools)
                    .hasMessageContaining("a\\u001b]0;b\\u0007\\r\\nc")
                    .satisfies(thrown -> assertThat(thrown.getMessage()).doesNotContainPattern("[\\p{Cc}&&[^\\n\\t]]"));
        }
    }

    @Test
    void aWrongPathIsNamed() {
        server.answer(request -> request.response().setStatusCode(404).end("{\"message\":\"nothing here\"}"));
        assertThatThrownBy(() -> client(Era.AUTO).initialize())
                .rootCause()
                .isInstanceOf(UnusableAnswer.class)
                .hasMessageContaining("HTTP status 404, '{\"message\":\"nothing here\"}'")
                .hasMessageContaining("check the path");
    }

    @Test
    void aMissedHeaderIsLearntFromWhicheverPageOfTheTools() {
        String tool = "{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\",\"properties\":"
                + "{\"city\":{\"type\":\"string\",\"x-mcp-header\":\"City\"}}}}";
        server.answer(modern(request -> {
            String method = request.getHeader("Mcp-Method");
            if (method.equals("tools/call") && !"Oslo".equals(request.getHeader("Mcp-Param-City"))) {
                request.response().setStatusCode(400);
                json(request, """
                    {"jsonrpc":"2.0","id":"%s","error":{"code":-32020,"message":"Header mismatch"}}\
                    """);
            } else if (method.equals("tools/call")) {
                json(request, """
                    {"jsonrpc":"2.0","id":"%s","result":{"content":[{"type":"text","text":"cold"}]}}\
                    """);
            } else if (lastId.endsWith("/3")) {
                json(request, "{\"jsonrpc\":\"2.0\",\"id\":\"%s\",\"result\":{\"tools\":[" + tool + "]}}");
            } else {
                json(request, """
                    {"jsonrpc":"2.0","id":"%s","result":{"tools":[],"nextCursor":"more"}}\
                    """);
            }
        }));
        try (McpSyncClient client = client(Era.MODERN)) {
            client.initialize();
            assertThat(client.callTool(McpSchema.CallToolRequest.builder("t")
                                    .arguments(Map.of("city", "Oslo"))
                                    .build())
                            .content())
                    .hasSize(1);
        }
    }

    @Test
    void aBrokenStreamIsTakenUpAfterTheLastEvent() {
        server.answer(legacy(request -> {
            if (request.method() == HttpMethod.GET) {
                assertThat(request.getHeader("Last-Event-ID")).isEqualTo("e1");
                stream(request).end("id: e2\ndata: " + TOOLS.formatted(lastId) + "\n\n");
            } else {
                stream(request).end("id: e1\nretry: 10\ndata:\n\n");
            }
        }));
        try (McpSyncClient client = client(Era.LEGACY)) {
            client.initialize();
            assertThat(client.listTools().tools()).extracting(Tool::name).containsExactly("t");
        }
    }

    @Test
    void aStreamThatBreaksOffWithoutAnAnswerIsAnError() {
        server.answer(legacy(request -> stream(request).end("data:\n\n")));
        try (McpSyncClient client = client(Era.LEGACY)) {
            client.initialize();
            assertThatThrownBy(client::listTools).hasMessageContaining("without the answer to tools/list");
        }
    }

    @Test
    void aForgottenSessionIsOpenedAnew() {
        AtomicInteger calls = new AtomicInteger();
        server.answer(legacy(request -> {
            if (calls.getAndIncrement() == 0) {
                request.response().setStatusCode(404).end();
            } else {
                json(request, TOOLS);
            }
        }));
        try (McpSyncClient client = client(Era.LEGACY)) {
            client.initialize();
            assertThatThrownBy(client::listTools).isInstanceOf(RuntimeException.class);
            assertThat(client.listTools().tools()).hasSize(1);
        }
        assertThat(initialized.get()).isEqualTo(2);
    }

    @Test
    void http1WorksAsWell() {
        server.close();
        server = ScriptedServer.http1(profile);
        server.answer(legacy(request -> json(request, TOOLS)));
        try (McpSyncClient client = client(Era.AUTO)) {
            client.initialize();
            assertThat(client.listTools().tools()).hasSize(1);
        }
    }

    @Test
    void aSecondAnswerToARequestIsNotHeard() {
        String unfinished = """
            data: {"jsonrpc":"2.0","id":"%1$s","result":{"resultType":"input_required","requestState":"s"}}

            """;
        AtomicInteger calls = new AtomicInteger();
        server.answer(modern(request -> {
            String end = "data: " + TOOLS + "\n\n";
            String answers = calls.incrementAndGet() == 1 ? unfinished.repeat(5) : end.repeat(2);
            stream(request).end(answers.formatted(lastId, lastId));
        }));
        try (McpSyncClient client = client(Era.MODERN)) {
            client.initialize();
            assertThat(client.listTools().tools()).hasSize(1);
        }
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void anAnswerToAnotherRequestIsRefused() {
        server.answer(modern(request -> {
            lastId = "another";
            json(request, TOOLS);
        }));
        try (McpSyncClient client = client(Era.MODERN)) {
            client.initialize();
            assertThatThrownBy(client::listTools).hasStackTraceContaining("answers a request that was not made");
        }
    }

    private static HttpServerResponse stream(HttpServerRequest request) {
        return request.response().setChunked(true).putHeader("Content-Type", "text/event-stream");
    }
}
