// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.call;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.transport.server.caller.Caller;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells a caller its identity as this server sees it. MCP has no method for that: the question is {@code _meta["dev.mcpmtls/whoami"]: true} in
 * a list request, and the answer is {@code _meta["dev.mcpmtls/caller"]} in its result, with
 * the claims of the access token that the request carried, never the token.
 */
final class WhoAmI {

    private static final String QUESTION = "dev.mcpmtls/whoami";
    private static final String ANSWER = "dev.mcpmtls/caller";

    private WhoAmI() {}

    /** The result's {@code _meta} with the answer if the request has the question. */
    static Map<String, Object> answer(Request request, Caller caller, Map<String, Object> meta) {
        if (!Boolean.TRUE.equals(request.meta().get(QUESTION))) {
            return meta;
        }
        dev.mcpmtls.authz.Caller known = dev.mcpmtls.authz.Caller.of(caller.peer());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("identity", known.identity().text());
        answer.put("assurance", known.assurance().name());
        answer.put("names", known.names().stream().map(Identity::text).toList());
        known.pin().ifPresent(pin -> answer.put("pin", pin.text()));
        caller.token().ifPresent(token -> answer.put("token", claims(token)));
        Map<String, Object> all = new LinkedHashMap<>(meta);
        all.put(ANSWER, answer);
        return all;
    }

    private static Map<String, Object> claims(AccessToken token) {
        return Map.of(
                "issuer", token.issuer(),
                "subject", token.subject(),
                "scopes", token.scopes().stream().sorted().toList(),
                "expiresAt", token.expiresAt().toString(),
                "bound", token.bound());
    }
}
