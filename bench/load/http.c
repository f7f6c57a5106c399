// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

char *http_request(const char *path, const char *server_name, uint16_t port, const char *headers, const char *session,
                   const char *body, size_t *length) {
    char *request = NULL;
    int n = asprintf(&request,
                     "POST %s HTTP/1.1\r\nHost: %s:%u\r\nContent-Type: application/json\r\n"
                     "Accept: application/json, text/event-stream\r\n%s%s%s%sContent-Length: %zu\r\n\r\n%s",
                     path, server_name, port, headers, session ? "Mcp-Session-Id: " : "", session ? session : "",
                     session ? "\r\n" : "", strlen(body), body);
    if (n < 0) {
        abort();
    }
    *length = (size_t)n;
    return request;
}

static const char *head_end(const char *bytes, size_t length) {
    return memmem(bytes, length, "\r\n\r\n", 4);
}

bool http_header(const char *bytes, size_t length, const char *name, char *value, size_t capacity) {
    const char *end = head_end(bytes, length);
    size_t name_length = strlen(name);
    const char *line = end ? memmem(bytes, length, "\r\n", 2) : NULL;
    while (line && line < end) {
        line += 2;
        const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        if ((size_t)(next - line) > name_length && line[name_length] == ':' && !strncasecmp(line, name, name_length)) {
            const char *from = line + name_length + 1;
            while (*from == ' ') {
                from++;
            }
            snprintf(value, capacity, "%.*s", (int)(next - from), from);
            return true;
        }
        line = next;
    }
    return false;
}

// True when the chunked body that starts at BODY has its last chunk and no trailer is outstanding.
static bool chunks_complete(const char *body, const char *end) {
    while (body < end) {
        const char *line_end = memmem(body, (size_t)(end - body), "\r\n", 2);
        if (!line_end) {
            return false;
        }
        size_t size = strtoul(body, NULL, 16);
        body = line_end + 2 + size + 2;
        if (size == 0) {
            return body <= end;
        }
    }
    return false;
}

Response http_parse(const char *bytes, size_t length) {
    Response r = {.keep_alive = true};
    const char *end = head_end(bytes, length);
    if (!end) {
        return r;
    }
    char value[64];
    if (sscanf(bytes, "HTTP/1.%*d %d", &r.status) != 1) {
        r.fault = "not an HTTP/1 response";
        return r;
    }
    r.body = end + 4;
    r.body_length = length - (size_t)(r.body - bytes);
    if (http_header(bytes, length, "Connection", value, sizeof value) && !strcasecmp(value, "close")) {
        r.keep_alive = false;
    }
    if (http_header(bytes, length, "Content-Length", value, sizeof value)) {
        r.complete = r.body_length >= strtoul(value, NULL, 10);
    } else if (http_header(bytes, length, "Transfer-Encoding", value, sizeof value)) {
        r.complete = chunks_complete(r.body, bytes + length);
    } else if (r.status == 202 || r.status == 204) {
        r.complete = true;
    } else {
        r.fault = "a response without a length";
    }
    return r;
}
