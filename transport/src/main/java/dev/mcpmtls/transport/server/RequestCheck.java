// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Is this the HTTP request of a conforming client, and is it for us? Judged by its head alone. */
record RequestCheck(String path, HostPolicy hosts) {

    /**
     * Lets a request through, or not; its body is still to come.
     *
     * @throws RefusedException when it is not let through
     */
    void check(HttpServerRequest request) {
        checkFraming(request);
        String host = host(request);
        if (host == null || !HostPolicy.isAuthority(host)) {
            throw RefusedException.invalidRequest("exactly one well-formed Host is needed");
        }
        if (!hosts.allowsHost(host)) {
            throw new RefusedException(
                    421,
                    RefusedException.INVALID_REQUEST,
                    "this server does not answer to that host name; it must be configured");
        }
        for (String origin : request.headers().getAll("origin")) {
            if (!hosts.allowsOrigin(origin)) {
                throw new RefusedException(
                        403, RefusedException.INVALID_REQUEST, "pages of that origin may not use this server");
            }
        }
        if (!path.equals(request.path())) {
            throw new RefusedException(
                    404, RefusedException.INVALID_REQUEST, "there is nothing here; MCP is at " + path);
        }
        if (!List.of(HttpMethod.POST, HttpMethod.GET, HttpMethod.DELETE).contains(request.method())) {
            request.response().putHeader("allow", "POST, GET, DELETE");
            throw new RefusedException(
                    405, RefusedException.INVALID_REQUEST, "only POST, GET and DELETE are of use here");
        }
        if (request.method().equals(HttpMethod.POST)) {
            checkContentType(request);
            checkAccepts(request, List.of("application/json", "text/event-stream"));
        } else {
            checkNoBody(request);
            checkAccepts(request, request.method().equals(HttpMethod.GET) ? List.of("text/event-stream") : List.of());
        }
    }

    /** What two parsers could read in two ways (RFC 9112 section 11.2, RFC 9113 section 8.2.2). */
    private static void checkFraming(HttpServerRequest request) {
        MultiMap headers = request.headers();
        boolean http2 = request.version() == HttpVersion.HTTP_2;
        boolean chunked = headers.contains("transfer-encoding");
        List<String> lengths = headers.getAll("content-length");
        if (!http2 && request.version() != HttpVersion.HTTP_1_1) {
            throw new RefusedException(505, RefusedException.INVALID_REQUEST, "HTTP/1.1 or HTTP/2 is needed");
        }
        if (headers.contains("")) {
            throw RefusedException.invalidRequest("a header has no name");
        }
        if (lengths.size() > 1 || (chunked && !lengths.isEmpty()) || (chunked && http2)) {
            throw RefusedException.invalidRequest("the length of the body is ambiguous");
        }
        if (chunked && !List.of("chunked").equals(lower(headers.getAll("transfer-encoding")))) {
            throw new RefusedException(
                    501, RefusedException.INVALID_REQUEST, "that transfer encoding is not supported");
        }
        if (request.uri() == null || !request.uri().startsWith("/")) {
            throw RefusedException.invalidRequest("the request target must be a path");
        }
    }

    private static @Nullable String host(HttpServerRequest request) {
        List<String> named = request.headers().getAll("host");
        if (request.version() != HttpVersion.HTTP_2) {
            return named.size() == 1 ? named.get(0) : null;
        }
        String authority =
                request.authority() == null ? null : request.authority().toString();
        boolean agree = named.stream().allMatch(name -> name.equals(authority));
        return agree ? authority : null;
    }

    private static void checkNoBody(HttpServerRequest request) {
        String length = request.getHeader("content-length");
        if (request.headers().contains("transfer-encoding") || (length != null && !length.equals("0"))) {
            throw RefusedException.invalidRequest(request.method() + " has no body here");
        }
    }

    private static void checkAccepts(HttpServerRequest request, List<String> types) {
        List<String> accepted = request.headers().getAll("accept").stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(range -> range.split(";", 2)[0].trim().toLowerCase(Locale.ROOT))
                .toList();
        for (String type : types) {
            String anySubtype = type.substring(0, type.indexOf('/')) + "/*";
            if (!accepted.contains(type) && !accepted.contains(anySubtype) && !accepted.contains("*/*")) {
                throw new RefusedException(
                        406,
                        RefusedException.INVALID_REQUEST,
                        "the Accept header must list " + String.join(" and ", types));
            }
        }
    }

    private static void checkContentType(HttpServerRequest request) {
        List<String> types = lower(request.headers().getAll("content-type"));
        String type = types.size() == 1 ? types.get(0).replace(" ", "").replace("\"", "") : "";
        if (!type.equals("application/json") && !type.equals("application/json;charset=utf-8")) {
            throw new RefusedException(
                    415, RefusedException.INVALID_REQUEST, "the Content-Type must be application/json, in UTF-8");
        }
        if (request.headers().contains("content-encoding")) {
            throw new RefusedException(415, RefusedException.INVALID_REQUEST, "the body must not be compressed");
        }
    }

    private static List<String> lower(List<String> values) {
        return values.stream()
                .map(value -> value.trim().toLowerCase(Locale.ROOT))
                .toList();
    }
}
