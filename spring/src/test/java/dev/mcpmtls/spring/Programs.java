// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.Caller;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.net.URI;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.ai.mcp.annotation.McpTool;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Component;

/** Programs of Spring Boot that tests start. */
final class Programs {

    private Programs() {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(WhoAmI.class)
    static class Server {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Client {}

    @Component
    static class WhoAmI {

        @McpTool(description = "Tells callers their identity")
        public String whoami(Caller caller) {
            return caller.peer().identity().text();
        }
    }

    /** A program without a web server; later settings win. */
    static ConfigurableApplicationContext start(Class<?> program, String... settings) {
        boolean isServer = Server.class.isAssignableFrom(program);
        Stream<String> defaults = Stream.of(
                "spring.main.banner-mode=off",
                "spring.ai.mcp.server.enabled=" + isServer,
                "spring.ai.mcp.client.enabled=" + !isServer,
                "spring.ai.mcp.server.name=whoami-mcp",
                isServer ? "mcp.mtls.server.listen=127.0.0.1:0" : "spring.ai.mcp.client.request-timeout=10s");
        return new SpringApplicationBuilder(program)
                .web(WebApplicationType.NONE)
                .properties(Stream.concat(defaults, Arrays.stream(settings)).toArray(String[]::new))
                .run();
    }

    static URI uri(ConfigurableApplicationContext server) {
        return server.getBean(MtlsServerTransport.class).uri();
    }

    static String whoami(McpSyncClient client) {
        return ((TextContent) client.callTool(CallToolRequest.builder("whoami")
                                .arguments(Map.of())
                                .build())
                        .content()
                        .get(0))
                .text();
    }
}
