// SPDX-License-Identifier: Apache-2.0
package example;

import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import java.util.List;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
public class Client {

    public static void main(String[] args) {
        SpringApplication.run(Client.class, args);
    }

    @Bean
    CommandLineRunner greeted(List<McpSyncClient> clients) {
        return args -> System.out.println(clients.get(0)
                .callTool(CallToolRequest.builder("greet").build())
                .content());
    }
}
