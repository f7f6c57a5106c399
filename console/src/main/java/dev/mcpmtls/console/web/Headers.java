// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;

/** The headers that keep the page to itself: of every answer, and of requests from elsewhere. */
final class Headers {

    private static final Map<String, String> SECURITY = Map.of(
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src"
                    + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for"
                    + " 'script'; trusted-types 'none'",
            "x-content-type-options",
            "nosniff",
            "referrer-policy",
            "no-referrer",
            "cross-origin-opener-policy",
            "same-origin",
            "cross-origin-resource-policy",
            "same-origin",
            "cross-origin-embedder-policy",
            "require-corp",
            "x-frame-options",
            "DENY",
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()");

    private Headers() {}

    static void secure(HttpServerResponse response) {
        SECURITY.forEach(response::putHeader);
    }

    /**
     * Whether a page of another origin sent the request (Fetch Metadata; RFC 6454). Programs send neither header. A request without them from a
     * page is one that browsers send for no script.
     */
    static boolean isCrossOrigin(HttpServerRequest request) {
        String site = request.getHeader("sec-fetch-site");
        String origin = request.getHeader("origin");
        boolean isOwnOrigin = origin == null || origin.equals(request.scheme() + "://" + request.getHeader("host"));
        return !isOwnOrigin || (site != null && !site.equals("same-origin") && !site.equals("none"));
    }
}
