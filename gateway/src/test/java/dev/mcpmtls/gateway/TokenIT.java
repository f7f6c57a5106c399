// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.TokenVerifier;
import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A caller's access token is for the gateway: no server behind it ever sees it, and each subject has sessions of its own. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TokenIT {

    private static final String TOKEN = "t0ken-of-";

    /** Every token that begins like ours is good, and the rest of it is its subject. */
    private static final TokenVerifier VERIFIER = (token, peer) -> token.startsWith(TOKEN)
            ? CompletableFuture.completedFuture(new AccessToken(
                    "https://login.test",
                    token.substring(TOKEN.length()),
                    Optional.empty(),
                    Set.of(),
                    Instant.now().plusSeconds(60),
                    true))
            : CompletableFuture.failedFuture(new IllegalStateException("another token: " + token));

    private static AccessTokens taken() {
        return AccessTokens.verifiedBy(VERIFIER)
                .metadata("/.well-known/oauth-protected-resource/mcp", new byte[] {'{', '}'})
                .challenges("Bearer", (why, scopes) -> "Bearer")
                .required();
    }

    private static Answer call(Agent agent, String tool, String subject) throws Exception {
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":{},%s}}\
            """.formatted(tool, Agent.META);
        return agent.post(
                body,
                "MCP-Protocol-Version",
                "2026-07-28",
                "Mcp-Method",
                "tools/call",
                "Mcp-Name",
                tool,
                "Authorization",
                "Bearer " + TOKEN + subject);
    }

    private static void requireUnseen(Recorder upstream) {
        assertThat(upstream.received).isNotEmpty().allSatisfy(one -> {
            assertThat(one.header("authorization")).isIn("", "Bearer own");
            assertThat(one.toString()).doesNotContain(TOKEN);
        });
    }

    @Test
    void noServerOverHttpSeesIt() throws Exception {
        for (Era era : Era.values()) {
            for (Map<String, String> own : List.of(Map.<String, String>of(), Map.of("Authorization", "Bearer own"))) {
                try (Recorder upstream = new Recorder(era);
                        Front front = Front.of(
                                gateway -> gateway.url(
                                        "crm",
                                        upstream.url(),
                                        () -> own,
                                        Optional.empty(),
                                        Duration.ofMinutes(5),
                                        Duration.ofSeconds(30)),
                                settings -> settings.accessTokens(taken()))) {
                    assertThat(call(front.agent("alice"), "say", "alice").status())
                            .isEqualTo(200);
                    requireUnseen(upstream);
                    assertThat(front.events().toString()).doesNotContain(TOKEN);
                }
            }
        }
    }

    @Test
    void noProcessSeesItAndEachSubjectHasItsOwn() throws Exception {
        ServerCommand command = new ServerCommand(
                List.of("node", Front.fixture("server.mjs").toString()), Map.of(), Set.of(), Optional.empty());
        ProcessOptions options =
                new ProcessOptions(ProcessMode.PER_IDENTITY, 8, Duration.ofMinutes(5), Duration.ofSeconds(60));
        try (Front front = Front.of(
                gateway -> gateway.command("files", command, options),
                settings -> settings.stateKey(new byte[32]).accessTokens(taken()))) {
            Agent agent = front.agent("alice");

            assertThat(call(agent, "say", "alice").body())
                    .contains("dev.mcpmtls/caller")
                    .doesNotContain(TOKEN);
            assertThat(call(agent, "env", "alice").body()).doesNotContain(TOKEN);
            String process = call(agent, "pid", "alice").said();
            assertThat(call(front.agent("alice"), "pid", "alice").said()).isEqualTo(process);
            assertThat(call(agent, "pid", "bob").said()).isNotEqualTo(process);
        }
    }

    private static CompletableFuture<Answer> initialize(Agent agent, String subject) {
        String body = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",\
            "capabilities":{},"clientInfo":{"name":"agent","version":"1"}}}\
            """;
        return agent.postAsync(body, "Authorization", "Bearer " + TOKEN + subject);
    }

    @Test
    void subjectsOfACertificateShareItsProcesses() throws Exception {
        ServerCommand command = new ServerCommand(
                List.of("node", Front.fixture("server.mjs").toString()),
                Map.of("DEAF_TO", "/mallory"),
                Set.of(),
                Optional.empty());
        ProcessOptions options =
                new ProcessOptions(ProcessMode.PER_SESSION, 4, Duration.ofMinutes(5), Duration.ofSeconds(60));
        try (Front front = Front.of(
                gateway -> gateway.command("files", command, options),
                settings -> settings.stateKey(new byte[32]).accessTokens(taken()))) {
            List<CompletableFuture<Answer>> starting = new ArrayList<>();
            for (int subject = 0; subject < 4; subject++) {
                starting.add(initialize(front.agent("mallory"), "m" + subject));
            }
            assertThat(Front.comesTrue(() ->
                            starting.stream().filter(CompletableFuture::isDone).count() == 2))
                    .isTrue();
            assertThat(starting.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join))
                    .allMatch(answer -> answer.text().contains("for you as one identity may have"));
            for (String subject : List.of("one", "other")) {
                assertThat(initialize(front.agent("bob"), subject)
                                .get(50, TimeUnit.SECONDS)
                                .json()
                                .has("result"))
                        .isTrue();
            }
            assertThat(front.condition()).startsWith("4 of at most 4");
            starting.forEach(one -> one.cancel(true));
        }
    }
}
