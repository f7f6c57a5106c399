// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.demo;

import dev.mcpmtls.cli.console.Console;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A program of its own that the demo serves: an MCP server on stdio, which knows nothing of TLS, as most are. */
final class UnprotectedServer {

    static final String TOOL = "greet";

    private UnprotectedServer() {}

    /** Answers until standard input ends. */
    public static void main(String[] arguments) throws IOException {
        Console console = Console.ofProcess(System.getenv());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode request = JsonMapper.shared().readTree(line);
                if (request.has("id")) {
                    console.json(Map.of("jsonrpc", "2.0", "id", request.get("id"), "result", result(request)));
                }
            }
        }
    }

    private static Object result(JsonNode request) {
        return switch (request.path("method").asString("")) {
            case "initialize" ->
                Map.of(
                        "protocolVersion",
                        request.at("/params/protocolVersion").asString(""),
                        "capabilities",
                        Map.of("tools", Map.of()),
                        "serverInfo",
                        Map.of("name", "greeter", "version", "1"));
            case "tools/list" ->
                Map.of("tools", List.of(Map.of("name", TOOL, "inputSchema", Map.of("type", "object"))));
            case "tools/call" -> Map.of("content", List.of(Map.of("type", "text", "text", "hello")));
            default -> Map.of();
        };
    }
}
