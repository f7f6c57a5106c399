// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Method;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse.JSONRPCError;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What of a handler's outcome its caller gets to see. */
final class Results {

    private static final Logger LOG = LoggerFactory.getLogger(Results.class);

    private final Authorizer authorizer;

    Results(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /** The response without what the caller may not know of, in a stable order, and without our insides in errors. */
    JSONRPCResponse forCaller(Caller caller, String server, String method, JSONRPCResponse response) {
        if (response.error() != null) {
            return JSONRPCResponse.error(response.id(), shielded(method, response.error()));
        }
        return JSONRPCResponse.result(response.id(), listed(caller, server, response.result()));
    }

    /** The SDK puts class names and messages of whatever went wrong into the error; they belong into our log. */
    private static JSONRPCError shielded(String method, JSONRPCError error) {
        if (error.code() != ErrorCode.INTERNAL_ERROR) {
            return error;
        }
        LOG.warn(
                "the handler of {} failed: {} {}",
                method,
                Printable.clean(error.message()),
                Printable.clean(String.valueOf(error.data())));
        return new JSONRPCError(error.code(), "the handler of " + method + " failed; the server's log says why");
    }

    private Object listed(Caller caller, String server, Object result) {
        if (result instanceof McpSchema.ListToolsResult list) {
            return new McpSchema.ListToolsResult(
                    known(caller, server, Method.TOOLS_CALL.text(), list.tools(), McpSchema.Tool::name),
                    list.nextCursor(),
                    list.meta());
        }
        if (result instanceof McpSchema.ListPromptsResult list) {
            return new McpSchema.ListPromptsResult(
                    known(caller, server, Method.PROMPTS_GET.text(), list.prompts(), McpSchema.Prompt::name),
                    list.nextCursor(),
                    list.meta());
        }
        if (result instanceof McpSchema.ListResourcesResult list) {
            return new McpSchema.ListResourcesResult(
                    known(caller, server, Method.RESOURCES_READ.text(), list.resources(), McpSchema.Resource::uri),
                    list.nextCursor(),
                    list.meta());
        }
        if (result instanceof McpSchema.ListResourceTemplatesResult list) {
            return new McpSchema.ListResourceTemplatesResult(
                    known(
                            caller,
                            server,
                            Method.RESOURCES_READ.text(),
                            list.resourceTemplates(),
                            McpSchema.ResourceTemplate::uriTemplate),
                    list.nextCursor(),
                    list.meta());
        }
        return result;
    }

    private <T> List<T> known(Caller caller, String server, String method, List<T> all, Function<T, String> name) {
        return all.stream()
                .filter(one -> authorizer.mayKnowOf(caller, new Call(server, method, name.apply(one))))
                .sorted(Comparator.comparing(name))
                .toList();
    }
}
