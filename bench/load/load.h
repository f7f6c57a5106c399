// SPDX-License-Identifier: Apache-2.0
// A load generator for MCP over mutual TLS: one thread, epoll, OpenSSL. See ../README.md for what it measures.
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- tls.c: one connection, driven step by step without blocking

typedef struct {
    SSL_CTX **contexts; // one for each client identity
    size_t count;
    uint16_t port;
    const char *server_name;
} Peers;

typedef struct {
    int fd;
    SSL *ssl;
    SSL_SESSION *ticket; // newest, for the next connection of this worker
    size_t identity;
    enum { CLOSED, CONNECTING, HANDSHAKING, SENDING, RECEIVING, READY } state;
    const char *request;
    size_t request_length, sent;
    char *response;
    size_t received;
    bool resumed;
    uint64_t began; // nanoseconds, CLOCK_MONOTONIC
    bool measured;
    uint32_t interest; // the events that epoll watches
    const char *why;   // of the latest failure
} Connection;

typedef enum { WANT_READ, WANT_WRITE, IDLE, ANSWERED, FAILED } Progress;

enum { RESPONSE_LIMIT = 64 * 1024 };

Peers peers_load(const char *authority, const char *identities, uint16_t port, const char *server_name);
void connection_open(Connection *c, const Peers *peers, bool resume);
void connection_send(Connection *c, const char *request, size_t length);
Progress connection_step(Connection *c);
Progress connection_exchange(Connection *c, const char *request, size_t length, uint64_t deadline);
void connection_close(Connection *c);

// ---- http.c: requests out, responses in

typedef struct {
    bool complete;
    bool keep_alive;
    int status;
    const char *body;
    size_t body_length; // as received, chunk framing included
    const char *fault;
} Response;

char *http_request(const char *path, const char *server_name, uint16_t port, const char *headers, const char *session,
                   const char *body, size_t *length);
Response http_parse(const char *bytes, size_t length);
bool http_header(const char *bytes, size_t length, const char *name, char *value, size_t capacity);

// ---- measure.c: time, processor time, percentiles

typedef struct {
    uint32_t *micros;
    size_t count, capacity;
} Samples;

uint64_t now_ns(void);
double tree_cpu_seconds(int pid); // user and system, the process and its descendants
double own_cpu_seconds(void);
void samples_add(Samples *s, uint64_t nanos);
uint32_t samples_percentile(Samples *s, double fraction);
