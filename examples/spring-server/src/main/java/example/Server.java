// SPDX-License-Identifier: Apache-2.0
package example;

import dev.mcpmtls.transport.server.caller.Caller;
import org.springframework.ai.mcp.annotation.McpTool;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Component;

@SpringBootApplication
public class Server {

    public static void main(String[] args) {
        SpringApplication.run(Server.class, args);
    }

    @Component
    static class Greeter {

        @McpTool(description = "Greets its caller")
        String greet(Caller caller) {
            return "Hello, " + caller.peer().identity();
        }
    }
}
