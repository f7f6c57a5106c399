// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Spread over source addresses, so that closed connections do not use up the ports of one.
enum { SOURCE_ADDRESSES = 16 };

static int remember_ticket(SSL *ssl, SSL_SESSION *session) {
    Connection *c = SSL_get_app_data(ssl);
    SSL_SESSION_free(c->ticket);
    c->ticket = session;
    return 1;
}

static void die_of_openssl(const char *what, const char *file) {
    fprintf(stderr, "load: %s %s: %s\n", what, file, ERR_error_string(ERR_get_error(), NULL));
    exit(2);
}

static SSL_CTX *context_load(const char *authority, const char *certificate, const char *key, const char *server_name) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, remember_ticket);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(context), server_name, 0);
    if (SSL_CTX_load_verify_locations(context, authority, NULL) != 1) {
        die_of_openssl("cannot read the authority", authority);
    }
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        die_of_openssl("cannot read the credential", certificate);
    }
    return context;
}

Peers peers_load(const char *authority, const char *identities, uint16_t port, const char *server_name) {
    Peers peers = {.port = port, .server_name = server_name};
    for (;;) {
        char certificate[512], key[512];
        snprintf(certificate, sizeof certificate, "%s/%zu.crt", identities, peers.count);
        snprintf(key, sizeof key, "%s/%zu.key", identities, peers.count);
        if (access(certificate, R_OK) != 0) {
            break;
        }
        peers.contexts = realloc(peers.contexts, (peers.count + 1) * sizeof *peers.contexts);
        peers.contexts[peers.count++] = context_load(authority, certificate, key, server_name);
    }
    if (peers.count == 0) {
        fprintf(stderr, "load: no identity in %s, expected 0.crt and 0.key\n", identities);
        exit(2);
    }
    return peers;
}

static int connect_loopback(uint16_t port) {
    static unsigned turn;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in source = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK + turn++ % SOURCE_ADDRESSES)};
    struct sockaddr_in target = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bind(fd, (struct sockaddr *)&source, sizeof source);
    if (connect(fd, (struct sockaddr *)&target, sizeof target) != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

void connection_open(Connection *c, const Peers *peers, bool resume) {
    c->fd = connect_loopback(peers->port);
    if (c->fd < 0) {
        c->why = strerror(errno);
        c->state = CLOSED;
        return;
    }
    c->ssl = SSL_new(peers->contexts[c->identity % peers->count]);
    SSL_set_app_data(c->ssl, c);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set_tlsext_host_name(c->ssl, peers->server_name);
    if (resume && c->ticket) {
        // A copy: OpenSSL uses up the session it is given, and not every server sends a new ticket on a resumed one.
        SSL_SESSION *copy = SSL_SESSION_dup(c->ticket);
        SSL_set_session(c->ssl, copy);
        SSL_SESSION_free(copy);
    }
    SSL_set_connect_state(c->ssl);
    c->state = CONNECTING;
    c->request_length = c->sent = 0;
    c->interest = 0;
}

void connection_send(Connection *c, const char *request, size_t length) {
    c->request = request;
    c->request_length = length;
    c->sent = c->received = 0;
    if (c->state == READY) {
        c->state = SENDING;
    }
}

static Progress failed(Connection *c, const char *why) {
    unsigned long error = ERR_peek_last_error();
    c->why = error ? ERR_reason_error_string(error) : why;
    ERR_clear_error();
    return FAILED;
}

static Progress wants(Connection *c, int result, const char *doing) {
    switch (SSL_get_error(c->ssl, result)) {
        case SSL_ERROR_WANT_READ:
            return WANT_READ;
        case SSL_ERROR_WANT_WRITE:
            return WANT_WRITE;
        default:
            return failed(c, doing);
    }
}

static Progress receive(Connection *c) {
    if (!c->response && !(c->response = malloc(RESPONSE_LIMIT))) {
        abort();
    }
    for (;;) {
        int n = SSL_read(c->ssl, c->response + c->received, (int)(RESPONSE_LIMIT - 1 - c->received));
        if (n <= 0) {
            return wants(c, n, "closed while an answer was due");
        }
        c->received += (size_t)n;
        c->response[c->received] = 0;
        Response r = http_parse(c->response, c->received);
        if (r.fault) {
            return failed(c, r.fault);
        }
        if (r.complete) {
            c->state = READY;
            return ANSWERED;
        }
        if (c->received == RESPONSE_LIMIT - 1) {
            return failed(c, "an answer larger than the buffer");
        }
    }
}

// Goes as far as the socket allows. ANSWERED: the response is whole. IDLE: this connection has no request.
Progress connection_step(Connection *c) {
    int n, error = 0;
    ERR_clear_error();
    switch (c->state) {
        case CONNECTING:
            getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
            if (error) {
                return failed(c, strerror(error));
            }
            c->state = HANDSHAKING; // fall through
        case HANDSHAKING:
            if ((n = SSL_do_handshake(c->ssl)) != 1) {
                return wants(c, n, "closed in the handshake");
            }
            c->resumed = SSL_session_reused(c->ssl);
            c->state = c->request_length ? SENDING : READY;
            if (c->state == READY) {
                return IDLE;
            } // fall through
        case SENDING:
            while (c->sent < c->request_length) {
                if ((n = SSL_write(c->ssl, c->request + c->sent, (int)(c->request_length - c->sent))) <= 0) {
                    return wants(c, n, "closed while sending");
                }
                c->sent += (size_t)n;
            }
            c->state = RECEIVING;
            return WANT_READ;
        case RECEIVING:
            return receive(c);
        case READY: { // tickets come late, and a close comes at any time
            char unasked;
            if ((n = SSL_read(c->ssl, &unasked, 1)) > 0) {
                return failed(c, "bytes nobody asked for");
            }
            return wants(c, n, "closed while idle") == WANT_READ ? IDLE : FAILED;
        }
        default:
            return FAILED;
    }
}

Progress connection_exchange(Connection *c, const char *request, size_t length, uint64_t deadline) {
    connection_send(c, request, length);
    while (c->state != CLOSED && now_ns() < deadline) {
        Progress p = connection_step(c);
        if (p == ANSWERED || p == FAILED) {
            return p;
        }
        struct pollfd ready = {.fd = c->fd, .events = p == WANT_WRITE || c->state == CONNECTING ? POLLOUT : POLLIN};
        poll(&ready, 1, 100);
    }
    return FAILED;
}

void connection_close(Connection *c) {
    if (c->ssl) {
        SSL_shutdown(c->ssl);
        SSL_free(c->ssl);
        c->ssl = NULL;
    }
    if (c->state != CLOSED) {
        close(c->fd);
    }
    c->state = CLOSED;
    ERR_clear_error();
}
