// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import org.junit.jupiter.api.Test;

/** Servers of one era or the other, and of versions that do not match. */
class OddVersionsIT extends OddServers {

    @Test
    void aLegacyServerIsFoundOutAndProbedOnce() {
        server.answer(legacy(request -> json(request, TOOLS)));
        EraCache eras = new EraCache();
        for (int i = 0; i < 2; i++) {
            McpSyncClient client = client(Era.AUTO, eras);
            client.initialize();
            assertThat(client.listTools().tools()).extracting(Tool::name).containsExactly("t");
            assertThat(client.closeGracefully()).isTrue();
        }
        assertThat(server.requests().stream().filter(request -> request.startsWith("DELETE")))
                .hasSize(2);
        assertThat(probes.get()).isEqualTo(1);
    }

    @Test
    void aServerThatWasTooBusyForTheProbeIsProbedAgain() {
        server.answer(request -> request.body().onSuccess(body -> {
            lastId = body.toJsonObject().getString("id");
            request.response().setStatusCode(503);
            json(request, """
                    {"jsonrpc":"2.0","id":"%s","error":{"code":503,"message":"too busy"}}""");
        }));
        EraCache eras = new EraCache();
        assertThatThrownBy(() -> client(Era.AUTO, eras).initialize()).hasStackTraceContaining("too busy");
        server.answer(modern(0, "2026-07-28"));
        assertThat(client(Era.AUTO, eras).initialize().protocolVersion()).isEqualTo("2026-07-28");
    }

    @Test
    void aModernServerWithoutASharedVersionIsNamed() {
        server.answer(modern(Integer.MAX_VALUE, "2030-01-01"));
        assertThatThrownBy(() -> client(Era.AUTO).initialize())
                .rootCause()
                .hasMessageContaining("it speaks the MCP versions [2030-01-01]");
        assertThat(probes.get()).isEqualTo(1);
    }

    @Test
    void aRefusalOfTheVersionThatItNamesIsAskedAboutOnceMore() {
        server.answer(modern(1, "2026-07-28"));
        assertThat(client(Era.AUTO).initialize().protocolVersion()).isEqualTo("2026-07-28");
        assertThat(probes.get()).isEqualTo(2);
    }

    @Test
    void aServerThatKeepsRefusingTheVersionThatItNamesIsGivenUp() {
        server.answer(modern(Integer.MAX_VALUE, "2026-07-28"));
        assertThatThrownBy(() -> client(Era.AUTO).initialize()).rootCause().isInstanceOf(UnusableAnswer.class);
        assertThat(probes.get()).isEqualTo(2);
    }

    @Test
    void onlyModernMeansOnlyModern() {
        server.answer(legacy(request -> json(request, TOOLS)));
        assertThatThrownBy(() -> client(Era.MODERN).initialize())
                .rootCause()
                .hasMessageContaining("it does not speak MCP 2026-07-28");
        assertThat(initialized.get()).isZero();
    }
}
