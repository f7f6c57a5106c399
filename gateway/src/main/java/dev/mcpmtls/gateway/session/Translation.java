// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.LogLevel;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.caller.Caller;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A modern client's messages for a legacy server, and back. Everything that both eras have stays as it is in the text. */
public final class Translation {

    static final String META = "io.modelcontextprotocol/";
    private static final Map<String, String> CAPABILITIES =
            Map.of("elicitation/create", "elicitation", "sampling/createMessage", "sampling", "roots/list", "roots");
    private static final Set<String> MODERN_META =
            Set.of(META + "protocolVersion", META + "clientInfo", META + "clientCapabilities", META + "logLevel");

    private final Supplier<Description> server;
    private final Map<String, Object> capabilities;
    private final @Nullable String level;

    /**
     * A translation for one request.
     *
     * @param capabilities the client's
     * @param level of the log messages that it wants; null for none
     */
    Translation(Supplier<Description> server, Map<String, Object> capabilities, @Nullable String level) {
        this.server = server;
        this.capabilities = capabilities;
        this.level = level;
    }

    /** The request without what only the modern era has, in its text and in what is read from it. */
    Request toLegacy(Request request) {
        String text = Messages.text(request);
        for (String member : MODERN_META) {
            text = JsonText.remove(text, "params", "_meta", member);
        }
        return (Request) Messages.read(text);
    }

    /** The answer in the form of the modern era. */
    Response toModern(Request request, Response response) {
        String id = JsonText.find(Messages.text(request), "id").orElseThrow();
        String text = JsonText.set(Messages.text(response), id, "id");
        if (response.whole().containsKey("error")) {
            Object code = JsonRpcMessage.object(response.whole().get("error")).get("code");
            boolean notFound = code instanceof Number number && number.intValue() == ErrorCode.RESOURCE_NOT_FOUND;
            return notFound
                    ? (Response) Messages.read(
                            JsonText.set(text, Integer.toString(ErrorCode.INVALID_PARAMS), "error", "code"))
                    : (Response) Messages.read(text);
        }
        text = JsonText.set(text, "\"complete\"", "result", "resultType");
        if (Method.of(request.method()).filter(Method::isCacheable).isPresent()) {
            text = JsonText.set(text, "0", "result", "ttlMs");
            text = JsonText.set(text, "\"private\"", "result", "cacheScope");
        }
        String info = Messages.json(server.get().info());
        return (Response) Messages.read(JsonText.set(text, info, "result", "_meta", META + "serverInfo"));
    }

    /** Whether this client wants it. */
    boolean wants(Request request, Notification notification) {
        if (notification.method().equals("notifications/message")) {
            return level != null && LogLevel.order(notification.params().get("level")) >= LogLevel.order(level);
        }
        return notification.method().equals("notifications/progress")
                && request.meta().containsKey("progressToken");
    }

    /** The notification for the request that carries the call now. */
    static Notification about(Request request, Notification notification) {
        String token = JsonText.find(Messages.text(request), "params", "_meta", "progressToken")
                .orElse(null);
        return token == null || !notification.method().equals("notifications/progress")
                ? notification
                : new Notification(
                        notification.method(),
                        notification.params(),
                        JsonText.set(Messages.text(notification), token, "params", "progressToken"));
    }

    /** Why this client cannot be asked; null when it can. */
    @Nullable
    String whyNot(Caller caller, Request question) {
        String capability = CAPABILITIES.get(question.method());
        if (capability == null) {
            return "a client of revision 2026-07-28 cannot be asked for " + question.method();
        }
        return capabilities.get(capability) instanceof Map
                ? null
                : "the client does not have the capability '" + capability + "'";
    }

    /** The result that asks the client. */
    String inputRequired(Map<String, Request> questions, String state) {
        StringBuilder requests = new StringBuilder();
        questions.forEach((key, question) -> {
            String params = JsonText.find(Messages.text(question), "params").orElse("{}");
            requests.append(requests.isEmpty() ? "" : ",")
                    .append(JsonText.quote(key))
                    .append(":{\"method\":")
                    .append(JsonText.quote(question.method()))
                    .append(",\"params\":")
                    .append(params)
                    .append('}');
        });
        return "{\"resultType\":\"input_required\",\"inputRequests\":{" + requests + "},\"requestState\":"
                + JsonText.quote(state) + ",\"_meta\":{" + JsonText.quote(META + "serverInfo") + ":"
                + Messages.json(server.get().info()) + "}}";
    }
}
