// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/** Settings of ours without the part of Spring AI that they are for are a mistake: nothing would use the certificate. */
@AutoConfiguration
class MtlsWithoutSpringAiAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @Conditional(MtlsInUse.ByServer.class)
    @ConditionalOnMissingClass("org.springframework.ai.mcp.server.common.autoconfigure.McpServerAutoConfiguration")
    static class NoServer {
        NoServer() {
            throw new MtlsSetupException(
                    MtlsServerProperties.PREFIX + " is set, and Spring AI's MCP server is not on the class path",
                    "Add spring-ai-starter-mcp-server, or remove the settings.");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Conditional(MtlsInUse.ByClients.class)
    @ConditionalOnMissingClass(
            "org.springframework.ai.mcp.client.httpclient.autoconfigure.StreamableHttpHttpClientTransportAutoConfiguration")
    static class NoClient {
        NoClient() {
            throw new MtlsSetupException(
                    MtlsClientProperties.PREFIX
                            + " is set, and Spring AI's MCP client over the JDK's HTTP client is not on the class path",
                    "Add spring-ai-starter-mcp-client (the one with webflux has no door for a certificate), or remove the settings.");
        }
    }
}
