// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.ToolHeaders;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import io.modelcontextprotocol.spec.McpStreamableServerSession.McpStreamableServerSessionInit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The SDK's server behind this transport, as far as a transport sees it: its factory of sessions. */
final class SdkServer {

    // A server need not announce that its tools changed, so what was read is believed for a moment only.
    private static final long TOOLS_NANOS = 1_000_000_000;

    private static final Map<String, TypeRef<?>> FORMS = Map.of(
            Method.TOOLS_CALL.text(), new TypeRef<McpSchema.CallToolRequest>() {},
            Method.PROMPTS_GET.text(), new TypeRef<McpSchema.GetPromptRequest>() {},
            Method.RESOURCES_READ.text(), new TypeRef<McpSchema.ReadResourceRequest>() {},
            Method.COMPLETE.text(), new TypeRef<McpSchema.CompleteRequest>() {});

    private final McpJsonMapper mapper = McpJsonDefaults.getMapper();
    private final McpStreamableServerSession.Factory factory;
    private volatile @Nullable Tools tools;
    // A modern client says the same of itself with every request, and most clients are of one kind.
    private volatile @Nullable Hello lastHello;
    private volatile McpSchema.@Nullable InitializeResult description;

    SdkServer(McpStreamableServerSession.Factory factory) {
        this.factory = factory;
    }

    /** What the server says of itself: name, version, capabilities, instructions. */
    McpSchema.InitializeResult describe() {
        McpSchema.InitializeResult known = description;
        if (known == null) {
            McpSchema.InitializeRequest anybody = initialize(Revision.MODERN.text(), Map.of(), Map.of());
            known = Objects.requireNonNull(
                    factory.startSession(anybody).initResult().block());
            description = known;
        }
        return known;
    }

    /** The name under which calls to this server are decided and recorded. */
    String name() {
        return describe().serverInfo().name();
    }

    McpStreamableServerSessionInit open(McpSchema.InitializeRequest request) {
        return factory.startSession(request);
    }

    /**
     * The SDK's form of what a client says of itself.
     *
     * @throws RefusedException when it is not of the specification's form
     */
    McpSchema.InitializeRequest initialize(
            String version, Map<String, Object> capabilities, Map<String, Object> client) {
        Map<String, Object> named = client.isEmpty() ? Map.of("name", "unnamed", "version", "0") : client;
        Map<String, Object> said =
                Map.of("protocolVersion", version, "capabilities", capabilities, "clientInfo", named);
        Hello last = lastHello;
        if (last == null || !last.said.equals(said)) {
            last = new Hello(said, convert(said, new TypeRef<McpSchema.InitializeRequest>() {}));
            lastHello = last;
        }
        return last.converted;
    }

    private record Hello(Map<String, Object> said, McpSchema.InitializeRequest converted) {}

    /**
     * Converts JSON to one of the SDK's types.
     *
     * @throws RefusedException when it is not of that type's form
     */
    <T> T convert(Object json, TypeRef<T> type) {
        try {
            return mapper.convertValue(json, type);
        } catch (RuntimeException e) {
            throw RefusedException.invalidParams("a parameter is missing or not of the specification's form");
        }
    }

    /**
     * The log level of that name.
     *
     * @throws RefusedException when there is none
     */
    McpSchema.LoggingLevel logLevel(@Nullable Object name) {
        McpSchema.LoggingLevel level =
                name instanceof String ? convert(name, new TypeRef<McpSchema.LoggingLevel>() {}) : null;
        if (level == null) {
            throw RefusedException.invalidParams("there is no such log level");
        }
        return level;
    }

    /** What to answer when the SDK could not handle a request: whether its parameters are at fault, or we are. */
    RefusedException refusal(JsonRpcMessage.Request request, Throwable failure) {
        TypeRef<?> form = FORMS.get(request.method());
        if (form != null) {
            try {
                convert(request.params(), form);
            } catch (RefusedException malformed) {
                return malformed;
            }
        }
        return RefusedException.of(failure);
    }

    /** The parameters that a tool wants mirrored in headers; none when there is no such tool. May block: a list may be filtered. */
    List<Mirrored> mirrored(Caller caller, String tool) {
        Tools known = tools;
        if (known == null
                || System.nanoTime() - known.readAt() > TOOLS_NANOS
                || !known.mirrored().containsKey(tool)) {
            known = readTools(caller);
            tools = known;
        }
        return known.mirrored().getOrDefault(tool, List.of());
    }

    /** Forgets the tools: their list has changed. */
    void toolsChanged() {
        tools = null;
    }

    private Tools readTools(Caller caller) {
        ResultCollector collecting = new ResultCollector();
        McpSchema.JSONRPCRequest list = new McpSchema.JSONRPCRequest(Method.TOOLS_LIST.text(), "mirrored", Map.of());
        open(initialize(Revision.MODERN.text(), Map.of(), Map.of()))
                .session()
                .responseStream(collecting)
                .handle(list)
                .contextWrite(context -> context.put(McpTransportContext.KEY, caller.context()))
                .block();
        Map<String, List<Mirrored>> mirrored = new HashMap<>();
        if (collecting.result() instanceof McpSchema.ListToolsResult result) {
            result.tools()
                    .forEach(tool -> mirrored.put(
                            tool.name(), ToolHeaders.of(tool.inputSchema()).mirrored()));
        }
        return new Tools(System.nanoTime(), mirrored);
    }

    private record Tools(long readAt, Map<String, List<Mirrored>> mirrored) {}

    /** As the SDK's own transports do it; what a handler gets when a client's answer is not of the right form is an exception. */
    <T> T unmarshal(Object json, TypeRef<T> type) {
        return mapper.convertValue(json, type);
    }
}
