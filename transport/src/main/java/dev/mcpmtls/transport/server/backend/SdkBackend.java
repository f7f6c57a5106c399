// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.backend;

import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.ToolHeaders;
import dev.mcpmtls.protocol.ToolHeaders.Mirrored;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
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
import reactor.core.publisher.Mono;

/** The SDK's server: its factory of sessions. */
public final class SdkBackend implements Backend {

    // A server need not announce that its tools changed, so what was read is believed for a moment only.
    private static final long TOOLS_NANOS = 1_000_000_000;

    private static final Map<String, TypeRef<?>> FORMS = Map.of(
            Method.TOOLS_CALL.text(), new TypeRef<McpSchema.CallToolRequest>() {},
            Method.PROMPTS_GET.text(), new TypeRef<McpSchema.GetPromptRequest>() {},
            Method.RESOURCES_READ.text(), new TypeRef<McpSchema.ReadResourceRequest>() {},
            Method.COMPLETE.text(), new TypeRef<McpSchema.CompleteRequest>() {});

    /** The SDK warns of clients that name another, and what it does depends on none. */
    private static final String NEWEST_OF_SDK =
            Revision.legacy().get(Revision.legacy().size() - 1);

    private static final Map<String, Object> ANYBODY = Map.of(
            "protocolVersion",
            NEWEST_OF_SDK,
            "capabilities",
            Map.of(),
            "clientInfo",
            Map.of("name", "unnamed", "version", "0"));

    private final McpJsonMapper mapper = McpJsonDefaults.getMapper();
    private final McpStreamableServerSession.Factory factory;
    private volatile @Nullable Tools tools;
    // A modern client says the same of itself with every request, and most clients are of one kind.
    private volatile @Nullable Hello lastHello;
    private volatile @Nullable Description description;

    public SdkBackend(McpStreamableServerSession.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Description describe() {
        Description known = description;
        if (known == null) {
            McpSchema.InitializeResult said = Objects.requireNonNull(
                    factory.startSession(hello(ANYBODY)).initResult().block());
            known = new Description(
                    said.serverInfo().name(),
                    said.serverInfo(),
                    mapper.convertValue(said.capabilities(), new TypeRef<Map<String, Object>>() {}),
                    said.instructions());
            description = known;
        }
        return known;
    }

    @Override
    public boolean runsTasks() {
        return true;
    }

    @Override
    public BackendSession open(Opening opening) {
        return open(opening.hello());
    }

    private BackendSession open(Map<String, Object> hello) {
        McpStreamableServerSessionInit opened = factory.startSession(hello(hello));
        return new SdkSession(this, opened.session(), opened.initResult());
    }

    /**
     * The SDK's form of what a client says of itself.
     *
     * @throws RefusedException when it is not of the specification's form
     */
    private McpSchema.InitializeRequest hello(Map<String, Object> said) {
        Hello last = lastHello;
        if (last == null || !last.said.equals(said)) {
            last = new Hello(said, convert(withItsRevision(said), new TypeRef<McpSchema.InitializeRequest>() {}));
            lastHello = last;
        }
        return last.converted;
    }

    private static Map<String, Object> withItsRevision(Map<String, Object> said) {
        if (!Revision.MODERN.text().equals(said.get("protocolVersion"))) {
            return said;
        }
        Map<String, Object> legacy = new HashMap<>(said);
        legacy.put("protocolVersion", NEWEST_OF_SDK);
        return legacy;
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

    @Override
    public RefusedException refusal(Request request, Throwable failure) {
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

    @Override
    public Mono<List<Mirrored>> mirrored(Caller caller, String tool) {
        Tools known = tools;
        if (known == null
                || System.nanoTime() - known.readAt() > TOOLS_NANOS
                || !known.mirrored().containsKey(tool)) {
            known = readTools(caller);
            tools = known;
        }
        return Mono.just(known.mirrored().getOrDefault(tool, List.of()));
    }

    /** Forgets the tools: their list has changed. */
    public void toolsChanged() {
        tools = null;
    }

    private Tools readTools(Caller caller) {
        ResultCollector collecting = new ResultCollector();
        Request list = new Request("mirrored", Method.TOOLS_LIST.text(), Map.of());
        open(ANYBODY).request(caller, list, collecting).block();
        Map<String, List<Mirrored>> mirrored = new HashMap<>();
        if (collecting.result() instanceof McpSchema.ListToolsResult result) {
            result.tools()
                    .forEach(tool -> mirrored.put(
                            tool.name(), ToolHeaders.of(tool.inputSchema()).mirrored()));
        }
        return new Tools(System.nanoTime(), mirrored);
    }

    private record Tools(long readAt, Map<String, List<Mirrored>> mirrored) {}
}
