// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import java.util.List;

/** The names that the semantic conventions for MCP give to attributes and metrics. They are in development: no library has them as stable constants. */
final class Convention {

    static final AttributeKey<String> METHOD = AttributeKey.stringKey("mcp.method.name");
    static final AttributeKey<String> PROTOCOL_VERSION = AttributeKey.stringKey("mcp.protocol.version");
    static final AttributeKey<String> SESSION = AttributeKey.stringKey("mcp.session.id");
    static final AttributeKey<String> RESOURCE = AttributeKey.stringKey("mcp.resource.uri");
    static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("jsonrpc.request.id");
    static final AttributeKey<String> OPERATION = AttributeKey.stringKey("gen_ai.operation.name");
    static final AttributeKey<String> AGENT = AttributeKey.stringKey("gen_ai.agent.name");
    static final AttributeKey<String> TOOL = AttributeKey.stringKey("gen_ai.tool.name");
    static final AttributeKey<String> PROMPT = AttributeKey.stringKey("gen_ai.prompt.name");
    static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    static final AttributeKey<String> STATUS = AttributeKey.stringKey("rpc.response.status_code");
    static final AttributeKey<String> TRANSPORT = AttributeKey.stringKey("network.transport");
    static final AttributeKey<String> NETWORK_PROTOCOL = AttributeKey.stringKey("network.protocol.name");
    static final AttributeKey<String> NETWORK_VERSION = AttributeKey.stringKey("network.protocol.version");
    static final AttributeKey<String> SERVER = AttributeKey.stringKey("server.address");
    static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
    static final AttributeKey<String> CLIENT = AttributeKey.stringKey("client.address");
    static final AttributeKey<Long> CLIENT_PORT = AttributeKey.longKey("client.port");

    /** An attribute of this project: the conventions have none for identities. */
    static final AttributeKey<String> IDENTITY = AttributeKey.stringKey("mcp_mtls.peer.identity");

    static final String EXECUTE_TOOL = "execute_tool";
    static final String INVOKE_AGENT = "invoke_agent";
    static final String OTHER = "_OTHER";

    static final String SERVER_OPERATIONS = "mcp.server.operation.duration";
    static final String CLIENT_OPERATIONS = "mcp.client.operation.duration";
    static final String SERVER_SESSIONS = "mcp.server.session.duration";
    static final String CLIENT_SESSIONS = "mcp.client.session.duration";

    /** In seconds, for all four durations. */
    static final List<Double> BUCKETS =
            List.of(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0);

    private Convention() {}
}
