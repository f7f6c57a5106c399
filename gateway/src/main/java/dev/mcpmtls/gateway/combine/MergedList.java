// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A page of a list of several servers: a page of each that has one. Items stay in their own words, but for the names of tools and prompts. The
 * cursor holds the cursors of the members that have more.
 */
final class MergedList {

    private static final Json JSON = new Json(16, 1 << 20);

    private final Routes routes;
    private final Method method;

    MergedList(Routes routes, Method method) {
        this.routes = routes;
        this.method = method;
    }

    private String member() {
        return switch (method) {
            case PROMPTS_LIST -> "prompts";
            case RESOURCES_LIST -> "resources";
            case RESOURCE_TEMPLATES_LIST -> "resourceTemplates";
            default -> "tools";
        };
    }

    /**
     * The members that are asked, each with its cursor, empty for the first page.
     *
     * @throws RefusedException when the cursor is none of these
     */
    Map<String, String> cursors(String cursor) {
        Map<String, String> cursors = new LinkedHashMap<>();
        if (cursor.isEmpty()) {
            routes.members().forEach(name -> cursors.put(name, ""));
            return cursors;
        }
        try {
            String json = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            JSON.read(json).forEach((name, own) -> {
                if (routes.members().contains(name) && own instanceof String text && !text.isEmpty()) {
                    cursors.put(name, text);
                }
            });
        } catch (IllegalArgumentException | InvalidMessageException e) {
            cursors.clear();
        }
        if (cursors.isEmpty()) {
            throw RefusedException.invalidParams("the cursor was not given by this server");
        }
        return cursors;
    }

    /** The answers of members as one, which is the first with the items of all. */
    Response merged(Map<String, Response> answers) {
        List<String> items = new ArrayList<>();
        Map<String, Object> more = new LinkedHashMap<>();
        answers.forEach((name, answer) -> {
            items.addAll(items(name, answer));
            if (result(answer).get("nextCursor") instanceof String next && !next.isEmpty()) {
                more.put(name, next);
            }
        });
        Response first = answers.values().iterator().next();
        String text = JsonText.set(Messages.text(first), '[' + String.join(",", items) + ']', "result", member());
        text = JsonText.remove(text, "result", "nextCursor");
        if (!more.isEmpty()) {
            String cursor = Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.write(more));
            text = JsonText.set(text, JsonText.quote(cursor), "result", "nextCursor");
        }
        return new Response(first.id(), ((Response) Messages.read(text)).whole(), text);
    }

    private List<String> items(String name, Response answer) {
        List<?> listed = result(answer).get(member()) instanceof List<?> list ? list : List.of();
        List<String> texts = JsonText.elements(Messages.text(answer), "result", member());
        List<String> items = new ArrayList<>();
        for (int index = 0; index < listed.size(); index++) {
            Map<String, Object> item = JsonRpcMessage.object(listed.get(index));
            String text = texts.get(index);
            switch (method) {
                case RESOURCES_LIST -> {
                    if (item.get("uri") instanceof String uri && routes.claim(name, uri)) {
                        items.add(text);
                    }
                }
                case RESOURCE_TEMPLATES_LIST -> {
                    if (item.get("uriTemplate") instanceof String template && routes.claimTemplate(name, template)) {
                        items.add(text);
                    }
                }
                default -> {
                    if (item.get("name") instanceof String own && !own.isEmpty()) {
                        items.add(JsonText.set(text, JsonText.quote(Routes.outer(name, own)), "name"));
                    }
                }
            }
        }
        return items;
    }

    private static Map<String, Object> result(Response answer) {
        return JsonRpcMessage.object(answer.whole().get("result"));
    }
}
