// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Filters a backend's outcome for its caller. */
public final class Results {

    private static final Logger LOG = LoggerFactory.getLogger(Results.class);

    /**
     * The items of a list.
     *
     * @param list the member that holds them
     * @param name the member that names one
     * @param use the method that uses one
     */
    private record Items(String list, String name, Method use) {}

    private static final Map<String, Items> ITEMS = Map.of(
            Method.TOOLS_LIST.text(), new Items("tools", "name", Method.TOOLS_CALL),
            Method.PROMPTS_LIST.text(), new Items("prompts", "name", Method.PROMPTS_GET),
            Method.RESOURCES_LIST.text(), new Items("resources", "uri", Method.RESOURCES_READ),
            Method.RESOURCE_TEMPLATES_LIST.text(),
                    new Items("resourceTemplates", "uriTemplate", Method.RESOURCES_READ));

    private final Authorizer authorizer;
    private final String server;
    private final Json json;

    /** @param server the name under which calls are decided */
    public Results(Authorizer authorizer, String server, Json json) {
        this.authorizer = authorizer;
        this.server = server;
        this.json = json;
    }

    /** The result without what the caller may not know of, lists in a stable order. */
    public Object forCaller(Caller caller, String method, Object result) {
        Items items = ITEMS.get(method);
        if (items == null) {
            return result;
        }
        Map<String, Object> listed = json.asObject(result);
        listed.computeIfPresent(items.list(), (key, all) -> known(caller, items, all));
        return listed;
    }

    /** The answer of another server, without what the caller may not know of; everything else in its text stays as it is. */
    public byte[] forCaller(Caller caller, String method, Response answer) {
        Items items = ITEMS.get(method);
        Map<String, Object> result = JsonRpcMessage.object(answer.whole().get("result"));
        if (items == null || !(result.get(items.list()) instanceof List<?> list)) {
            return answer.bytes();
        }
        String text = JsonText.filter(
                Objects.requireNonNull(answer.text()),
                at -> isKnown(caller, items, list.get(at)),
                "result",
                items.list());
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private boolean isKnown(Caller caller, Items items, @Nullable Object item) {
        return JsonRpcMessage.object(item).get(items.name()) instanceof String name
                && authorizer.mayKnowOf(caller, new Call(server, items.use().text(), name));
    }

    private List<?> known(Caller caller, Items items, Object all) {
        if (!(all instanceof List<?> list)) {
            return List.of();
        }
        return list.stream()
                .map(JsonRpcMessage::object)
                .filter(one -> isKnown(caller, items, one))
                .sorted(Comparator.comparing(one -> String.valueOf(one.get(items.name()))))
                .toList();
    }

    /** The error without our insides: a backend may put class names and messages of whatever went wrong there, which belong in our log. */
    public static Outlet.Failure shielded(String method, Outlet.Failure error) {
        if (error.code() != ErrorCode.INTERNAL_ERROR) {
            return error;
        }
        LOG.warn(
                "the handler of {} failed: {} {}",
                method,
                Printable.clean(error.message()),
                Printable.clean(String.valueOf(error.data())));
        return new Outlet.Failure(
                error.code(), "the handler of " + method + " failed; the server's log says why", null, null);
    }
}
