// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.transport.server.caller.RefusedException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Is this the HTTP request of a conforming client, and is it for us? Judged by its head alone. */
public record RequestCheck(String path, HostPolicy hosts) {

    private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.POST, HttpMethod.GET, HttpMethod.DELETE);
    private static final Pattern JSON_IN_UTF8 = Pattern.compile(
            "application/json(?:[ \\t]*;[ \\t]*(?:charset=(?:utf-8|\"utf-8\"))?)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern UNWELCOME =
            Pattern.compile(";[ \\t]*q=0(?:\\.0{0,3})?[ \\t]*(?:;|$)", Pattern.CASE_INSENSITIVE);
    private static final List<String> STREAM = List.of("text/event-stream");
    private static final List<String> JSON_OR_STREAM = List.of("application/json", "text/event-stream");

    // The whole header of nearly all clients.
    private static final String JSON_AND_STREAM = "application/json, text/event-stream";

    /**
     * Lets a request through, or not; its body is still to come.
     *
     * @throws RefusedException when it is not let through
     */
    void check(HttpServerRequest request) {
        checkAddress(request);
        if (!path.equals(request.path())) {
            throw new RefusedException(404, ErrorCode.INVALID_REQUEST, "there is nothing here; MCP is at " + path);
        }
        if (!METHODS.contains(request.method())) {
            request.response().putHeader("allow", "POST, GET, DELETE");
            throw new RefusedException(405, ErrorCode.INVALID_REQUEST, "only POST, GET and DELETE are of use here");
        }
        if (request.method().equals(HttpMethod.POST)) {
            checkContentType(request);
            checkAccepts(request, JSON_OR_STREAM);
        } else {
            checkNoBody(request);
            checkAccepts(request, request.method().equals(HttpMethod.GET) ? STREAM : List.of());
        }
    }

    /** As {@link #check}, for a request to a path that has a document and no MCP. */
    void checkDocument(HttpServerRequest request) {
        checkAddress(request);
        if (!request.method().equals(HttpMethod.GET)) {
            request.response().putHeader("allow", "GET");
            throw new RefusedException(405, ErrorCode.INVALID_REQUEST, "only GET is of use here");
        }
        checkNoBody(request);
    }

    private void checkAddress(HttpServerRequest request) {
        checkFraming(request);
        if (!hosts.allowsHost(host(request))) {
            throw new RefusedException(
                    421,
                    ErrorCode.INVALID_REQUEST,
                    "this server does not answer to that host name; it must be configured");
        }
        for (String origin : request.headers().getAll(HttpHeaders.ORIGIN)) {
            if (!hosts.allowsOrigin(origin)) {
                throw new RefusedException(
                        403, ErrorCode.INVALID_REQUEST, "pages of that origin may not use this server");
            }
        }
    }

    /** Refuses requests that two parsers could read in two ways (RFC 9112 section 11.2, RFC 9113 section 8.2.2). */
    private static void checkFraming(HttpServerRequest request) {
        MultiMap headers = request.headers();
        boolean http2 = request.version() == HttpVersion.HTTP_2;
        boolean chunked = headers.contains(HttpHeaders.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaders.CONTENT_LENGTH);
        if (!http2 && request.version() != HttpVersion.HTTP_1_1) {
            throw new RefusedException(505, ErrorCode.INVALID_REQUEST, "HTTP/1.1 or HTTP/2 is needed");
        }
        if (headers.contains("")) {
            throw RefusedException.invalidRequest("a header has no name");
        }
        if (lengths.size() > 1 || (chunked && !lengths.isEmpty()) || (chunked && http2)) {
            throw RefusedException.invalidRequest("the length of the body is ambiguous");
        }
        if (chunked && !isChunkedOnly(headers.getAll(HttpHeaders.TRANSFER_ENCODING))) {
            throw new RefusedException(501, ErrorCode.INVALID_REQUEST, "that transfer encoding is not supported");
        }
        if (request.uri() == null || !(request.uri().startsWith("/") || isAbsolute(request))) {
            throw RefusedException.invalidRequest("the request target must be a path, or an https URI of its Host");
        }
        if (http2 && headers.entries().stream().anyMatch(header -> isPadded(header.getValue()))) {
            throw RefusedException.invalidRequest("a header's value begins or ends with white space");
        }
        if (http2 && !"https".equals(request.scheme())) {
            throw RefusedException.invalidRequest("the scheme must be https");
        }
    }

    /** Whether a proxy to HTTP/1.1 would trim the value (RFC 9113 section 8.2.1). */
    private static boolean isPadded(String value) {
        return !value.equals(value.strip());
    }

    /** The form that proxies are sent; its authority must be the Host's (RFC 9112 section 3.2.2). */
    private static boolean isAbsolute(HttpServerRequest request) {
        String start = "https://" + host(request) + "/";
        return request.version() == HttpVersion.HTTP_1_1
                && request.uri().regionMatches(true, 0, start, 0, start.length());
    }

    private static @Nullable String host(HttpServerRequest request) {
        List<String> named = request.headers().getAll(HttpHeaders.HOST);
        if (request.version() != HttpVersion.HTTP_2) {
            return named.size() == 1 ? named.get(0) : null;
        }
        String authority =
                request.authority() == null ? null : request.authority().toString();
        boolean agree = named.stream().allMatch(name -> name.equals(authority));
        return agree ? authority : null;
    }

    private static void checkNoBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING) || (length != null && !length.equals("0"))) {
            throw RefusedException.invalidRequest(request.method() + " has no body here");
        }
    }

    private static void checkAccepts(HttpServerRequest request, List<String> types) {
        List<String> lines = request.headers().getAll(HttpHeaders.ACCEPT);
        if (lines.size() == 1 && lines.get(0).equals(JSON_AND_STREAM)) {
            return;
        }
        for (String type : types) {
            if (!accepts(lines, type)) {
                throw new RefusedException(
                        406, ErrorCode.INVALID_REQUEST, "the Accept header must list " + String.join(" and ", types));
            }
        }
    }

    /** Whether the type may be sent: what is said of it goes before what is said of all (RFC 9110 section 12.5.1). */
    private static boolean accepts(List<String> lines, String type) {
        boolean covered = false;
        for (String line : lines) {
            for (int from = 0; from <= line.length(); ) {
                int comma = line.indexOf(',', from);
                int end = comma < 0 ? line.length() : comma;
                int parameters = line.indexOf(';', from);
                String range = line.substring(from, parameters < 0 ? end : Math.min(parameters, end))
                        .trim();
                boolean welcome = parameters < 0
                        || parameters > end
                        || !UNWELCOME.matcher(line.substring(parameters, end)).find();
                if (range.equalsIgnoreCase(type)) {
                    return welcome;
                }
                covered |= welcome && covers(range, type);
                from = end + 1;
            }
        }
        return covered;
    }

    /** Whether the range is {@code *}{@code /*} or ends so and begins as the type does. */
    private static boolean covers(String range, String type) {
        return range.equals("*/*")
                || (range.endsWith("/*") && type.regionMatches(true, 0, range, 0, range.length() - 1));
    }

    private static void checkContentType(HttpServerRequest request) {
        List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
        if (types.size() != 1 || !isJson(types.get(0).trim())) {
            throw new RefusedException(
                    415, ErrorCode.INVALID_REQUEST, "the Content-Type must be application/json, in UTF-8");
        }
        if (request.headers().contains(HttpHeaders.CONTENT_ENCODING)) {
            throw new RefusedException(415, ErrorCode.INVALID_REQUEST, "the body must not be compressed");
        }
    }

    private static boolean isJson(String type) {
        return type.equals("application/json") || JSON_IN_UTF8.matcher(type).matches();
    }

    private static boolean isChunkedOnly(List<String> encodings) {
        return encodings.size() == 1 && encodings.get(0).trim().equalsIgnoreCase("chunked");
    }
}
