// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.conformance;

import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.transport.client.MtlsClientTransport;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.ClientCapabilities;
import io.modelcontextprotocol.spec.McpSchema.ElicitFormRequest;
import io.modelcontextprotocol.spec.McpSchema.ElicitResult;
import io.modelcontextprotocol.spec.McpSchema.GetPromptRequest;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Plays a client scenario of the conformance suites: the SDK's client on our transport, which detects the server's era.
 */
public final class ConformanceClient {

    private record Context(List<ToolCall> toolCalls) {}

    private record ToolCall(String name, Map<String, Object> arguments) {}

    private ConformanceClient() {}

    /**
     * Plays the scenario named in {@code MCP_CONFORMANCE_SCENARIO}.
     *
     * @param args the directory of our credential, and the server's URL as the suite has it, in plain HTTP
     */
    public static void main(String[] args) throws IOException {
        URI server = URI.create(args[1].replaceFirst("^http:", "https:"));
        try (McpSyncClient client = client(Path.of(args[0]), server)) {
            client.initialize();
            play(environment("MCP_CONFORMANCE_SCENARIO"), client);
        }
    }

    /** The suite's context of the scenario. */
    private static Map<String, Object> given() throws IOException {
        String context = System.getenv("MCP_CONFORMANCE_CONTEXT");
        return context == null ? Map.of() : McpJsonDefaults.getMapper().readValue(context, new TypeRef<>() {});
    }

    private static McpSyncClient client(Path credential, URI server) throws IOException {
        TrustAnchors anchors = TrustAnchors.load(credential.resolve("ca.crt"));
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(anchors), InstantSource.system());
        TlsProfile tls = TlsProfile.builder(CredentialSource.fixed(Credential.load(credential)), verifier)
                .build();
        MtlsClientTransport.Builder transport =
                MtlsClientTransport.builder(server).tls(tls);
        String scenario = environment("MCP_CONFORMANCE_SCENARIO");
        if (scenario.startsWith("auth/")) {
            transport.tokens(new ConformanceTokens(tls, given()).of(scenario, server));
        }
        return McpClient.sync(transport.build())
                .requestTimeout(Duration.ofSeconds(20))
                .capabilities(ClientCapabilities.builder().elicitation().build())
                .elicitation(ConformanceClient::accept)
                .build();
    }

    private static String environment(String name) {
        return Objects.requireNonNull(System.getenv(name), name);
    }

    private static void play(String scenario, McpSyncClient client) throws IOException {
        if (scenario.startsWith("auth/")) {
            callEachTool(client, Map.of());
            return;
        }
        switch (scenario) {
            case "initialize", "request-metadata" -> {
                // The servers of these scenarios offer nothing.
            }
            case "json-schema-ref-no-deref" -> client.listTools();
            case "tools_call" -> callEachTool(client, Map.of("a", 2, "b", 3));
            case "elicitation-sep1034-client-defaults",
                    "sse-retry",
                    "sep-2322-client-request-state",
                    "http-invalid-tool-headers" -> callEachTool(client, Map.of());
            case "http-standard-headers" -> useEverything(client);
            case "http-custom-headers" -> makeTheCalls(client, environment("MCP_CONFORMANCE_CONTEXT"));
            case "json-schema-2020-12-preservation" -> sendBackTheSchema(client);
            default -> throw new IllegalArgumentException("the scenario " + scenario + " is not known here");
        }
    }

    private static void callEachTool(McpSyncClient client, Map<String, Object> arguments) {
        client.listTools().tools().forEach(tool -> call(client, tool.name(), arguments));
    }

    private static void useEverything(McpSyncClient client) {
        callEachTool(client, Map.of());
        client.listResources().resources().forEach(client::readResource);
        client.listPrompts()
                .prompts()
                .forEach(prompt ->
                        client.getPrompt(GetPromptRequest.builder(prompt.name()).build()));
    }

    private static void makeTheCalls(McpSyncClient client, String context) throws IOException {
        client.listTools();
        McpJsonDefaults.getMapper()
                .readValue(context, new TypeRef<Context>() {})
                .toolCalls()
                .forEach(call -> call(client, call.name(), call.arguments()));
    }

    private static void sendBackTheSchema(McpSyncClient client) {
        Tool tool = client.listTools().tools().stream()
                .filter(offered -> offered.name().equals("json_schema_2020_12_tool"))
                .findFirst()
                .orElseThrow();
        call(client, "json_schema_echo", Map.of("schema", tool.inputSchema()));
    }

    private static void call(McpSyncClient client, String tool, Map<String, Object> arguments) {
        client.callTool(CallToolRequest.builder(tool).arguments(arguments).build());
    }

    /** Fills in the defaults, and consents to requests without any. */
    private static ElicitResult accept(ElicitFormRequest form) {
        Map<String, Object> content = new HashMap<>();
        if (form.requestedSchema().get("properties") instanceof Map<?, ?> fields) {
            fields.forEach((name, field) -> content.put(
                    String.valueOf(name),
                    field instanceof Map<?, ?> schema && schema.containsKey("default") ? schema.get("default") : true));
        }
        return ElicitResult.builder(ElicitResult.Action.ACCEPT).content(content).build();
    }
}
