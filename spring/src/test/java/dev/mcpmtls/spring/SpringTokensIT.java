// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.AccessTokens;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.mcp.annotation.McpTool;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.stereotype.Component;

/** Method security decides by the certificate and by the access token beside it. */
@Timeout(90)
class SpringTokensIT {

    private static final String METADATA = "/.well-known/oauth-protected-resource/mcp";

    @TempDir
    private Path directory;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableMethodSecurity
    @Import(Tools.class)
    static class Program {

        /** The token's text is its subject and its scope. */
        @Bean
        static MtlsServerCustomizer tokens() {
            return server -> server.accessTokens(AccessTokens.verifiedBy((token, peer) -> {
                        String[] parts = token.split("-");
                        return CompletableFuture.completedFuture(new AccessToken(
                                "https://login.test",
                                parts[0],
                                Optional.empty(),
                                Set.of(parts[1]),
                                Instant.now().plusSeconds(600),
                                true));
                    })
                    .metadata(METADATA, "{}".getBytes(StandardCharsets.UTF_8))
                    .challenges("Bearer", (refused, scopes) -> "Bearer"));
        }
    }

    @Component
    static class Tools {

        @McpTool(description = "For a scope and a subject")
        @PreAuthorize("hasAuthority('MTLS_VERIFIED') and hasAuthority('SCOPE_write')"
                + " and authentication.subject == 'https://login.test#alice'")
        public String write() {
            return "written";
        }
    }

    private String write(Path credential, Optional<String> token) {
        try (ConfigurableApplicationContext program = new SpringApplicationBuilder(Program.class)
                        .web(WebApplicationType.NONE)
                        .properties(
                                "mcp.mtls.server.listen=127.0.0.1:0",
                                "mcp.mtls.server.credential=" + directory.resolve("server"),
                                "spring.ai.mcp.server.name=writer-mcp",
                                "spring.main.banner-mode=off")
                        .run();
                McpSyncClient client = McpClient.sync(
                                MtlsClientTransport.builder(program.getBean(MtlsServerTransport.class)
                                                .uri())
                                        .tls(TlsProfile.strict(credential))
                                        .tokens(new Fixed(token))
                                        .build())
                        .build()) {
            client.initialize();
            CallToolRequest request =
                    CallToolRequest.builder("write").arguments(Map.of()).build();
            return ((TextContent) client.callTool(request).content().get(0)).text();
        }
    }

    private record Fixed(Optional<String> token) implements TokenSource {

        @Override
        public CompletionStage<Optional<Authorization>> current() {
            return CompletableFuture.completedStage(
                    token.map(text -> method -> Map.of("Authorization", "Bearer " + text)));
        }

        @Override
        public CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused) {
            return CompletableFuture.completedStage(Optional.empty());
        }
    }

    @Test
    void decidesByScopeAndSubject() {
        ThrowawayCa ca = ThrowawayCa.root("Spring CA");
        ca.server("writer").writeTo(directory.resolve("server"), ca.certificate());
        Path agent = ca.client("agent").writeTo(directory.resolve("agent"), ca.certificate());

        assertThat(write(agent, Optional.of("alice-write"))).isEqualTo("written");
        assertThat(write(agent, Optional.of("alice-read"))).contains("Access Denied");
        assertThat(write(agent, Optional.of("bob-write"))).contains("Access Denied");
        assertThat(write(agent, Optional.empty())).contains("Access Denied");
    }
}
