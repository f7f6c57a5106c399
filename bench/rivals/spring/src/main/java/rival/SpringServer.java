// SPDX-License-Identifier: Apache-2.0
package rival;

import org.springframework.ai.mcp.annotation.McpTool;
import org.springframework.ai.mcp.annotation.McpToolParam;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Component;

@SpringBootApplication
public class SpringServer {
    public static void main(String[] args) {
        SpringApplication.run(SpringServer.class, args);
    }

    @Component
    public static class EchoTool {
        @McpTool(name = "echo", description = "Echoes the text")
        public String echo(@McpToolParam(description = "what to echo") String text) {
            return text;
        }
    }
}
