// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

static const uint64_t SECOND = 1000000000ull;
static const uint64_t REST_AFTER_FAILURE = 10000000ull;
static const uint64_t SETUP_LIMIT = 30 * 1000000000ull;

typedef enum { KEPT, FULL, RESUMED, IDLE_CONNECTIONS, FIRST } Mode;
static const char *const MODES[] = {"kept", "full", "resumed", "idle", "first"};

static struct {
    Mode mode;
    uint16_t port;
    const char *authority, *identities, *path, *expect;
    char *body, *open_body, *opened_body;
    char headers[1024];
    size_t connections, sessions, calls;
    double warmup, seconds, rate;
    int pid;
} options = {.path = "/mcp", .connections = 16, .seconds = 3, .headers = ""};

typedef struct {
    Connection connection;
    char *request;
    size_t request_length;
    char *id; // where the digits of the JSON-RPC id are in the request: ids are unique within a session
    bool busy;
} Worker;

typedef struct {
    Worker **slots;
    size_t capacity, head, count;
} Queue;

static Peers peers;
static Worker *workers;
static Queue unoccupied, resting;
static int poller;
static uint64_t window_from, window_to;
static Samples samples;
static size_t errors, reopened, resumed, opened;
static const char *first_error;

static void put(Queue *q, Worker *w) {
    q->slots[(q->head + q->count++) % q->capacity] = w;
}

static Worker *take(Queue *q) {
    Worker *w = q->slots[q->head];
    q->head = (q->head + 1) % q->capacity;
    q->count--;
    return w;
}

static bool in_window(uint64_t t) {
    return t >= window_from && t < window_to;
}

static void record_error(const char *why) {
    if (!first_error) {
        first_error = why ? why : "no reason given";
    }
    if (in_window(now_ns()) || options.mode == IDLE_CONNECTIONS) {
        errors++;
    }
}

static void fail(Worker *w) {
    Connection *c = &w->connection;
    if (w->busy) {
        record_error(c->why);
        w->busy = false;
        c->began = now_ns();
        put(&resting, w);
    } else {
        reopened++;
    }
    connection_close(c);
}

static void finish(Worker *w) {
    Connection *c = &w->connection;
    uint64_t now = now_ns();
    Response r = http_parse(c->response, c->received);
    if (r.status != 200 || !memmem(r.body, r.body_length, options.expect, strlen(options.expect))) {
        static char why[512];
        snprintf(why, sizeof why, "status %d, %.*s", r.status, (int)strcspn(r.body, "\r\n"), r.body);
        c->why = why;
        fail(w);
        return;
    }
    if (in_window(now)) {
        samples_add(&samples, now - c->began);
    }
    if (options.mode == FULL || options.mode == RESUMED || !r.keep_alive) {
        connection_close(c);
    }
    w->busy = false;
    put(&unoccupied, w);
}

static void watch(Worker *w, uint32_t events) {
    Connection *c = &w->connection;
    if (c->interest == events) {
        return;
    }
    struct epoll_event e = {.events = events, .data.ptr = w};
    epoll_ctl(poller, c->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e);
    c->interest = events;
}

static void advance(Worker *w) {
    Connection *c = &w->connection;
    bool handshaking = c->state == CONNECTING || c->state == HANDSHAKING;
    Progress p = connection_step(c);
    if (handshaking && c->state > HANDSHAKING && in_window(now_ns())) {
        opened++;
        resumed += c->resumed;
    }
    switch (p) {
        case WANT_WRITE:
            watch(w, EPOLLOUT);
            break;
        case ANSWERED:
            watch(w, EPOLLIN);
            finish(w);
            break;
        case FAILED:
            fail(w);
            break;
        default:
            watch(w, EPOLLIN);
    }
}

static void number(Worker *w) {
    static unsigned next = 1000000000u;
    char digits[11];
    snprintf(digits, sizeof digits, "%010u", next++);
    if (w->id) {
        memcpy(w->id, digits, 10);
    }
}

static void begin(Worker *w, uint64_t due) {
    Connection *c = &w->connection;
    w->busy = true;
    c->began = due;
    if (c->state == CLOSED) {
        connection_open(c, &peers, options.mode == RESUMED);
    }
    if (c->state == CLOSED) {
        fail(w);
        return;
    }
    number(w);
    connection_send(c, w->request, w->request_length);
    advance(w);
}

static void poll_events(uint64_t until) {
    struct epoll_event events[256];
    uint64_t now = now_ns(), wait = until > now ? until - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(wait / SECOND), .tv_nsec = (long)(wait % SECOND)};
    int n = epoll_pwait2(poller, events, 256, &timeout, NULL);
    for (int i = 0; i < n; i++) {
        Worker *w = events[i].data.ptr;
        if (w->connection.state != CLOSED) {
            advance(w);
        }
    }
}

static void wake_rested(void) {
    while (resting.count && resting.slots[resting.head]->connection.began + REST_AFTER_FAILURE <= now_ns()) {
        put(&unoccupied, take(&resting));
    }
}

// Closed loop without a rate: every worker calls again as soon as it is answered. With a rate: calls start on a
// schedule, and latency counts from the scheduled time, so that a stalled server cannot hide the calls it held up.
// Ends early once it has counted as many calls as were asked for.
static void run_until(uint64_t end) {
    static uint64_t due;
    uint64_t interval = options.rate > 0 ? (uint64_t)((double)SECOND / options.rate) : 0;
    due = due ? due : now_ns();
    for (uint64_t now; (now = now_ns()) < end && !(options.calls && samples.count >= options.calls);) {
        wake_rested();
        while (unoccupied.count && (!interval || due <= now)) {
            begin(take(&unoccupied), interval ? due : now_ns());
            due += interval;
        }
        uint64_t next = end;
        if (interval && unoccupied.count && due < next) {
            next = due;
        }
        if (resting.count && now + REST_AFTER_FAILURE < next) {
            next = now + REST_AFTER_FAILURE;
        }
        poll_events(next);
    }
}

// Opens an MCP session on a connection of its own and returns its id; null when the server could not be reached.
static char *session_open(size_t identity) {
    Connection c = {.identity = identity};
    uint64_t deadline = now_ns() + SETUP_LIMIT;
    size_t length;
    char *request = http_request(options.path, peers.server_name, peers.port, options.headers, NULL, options.open_body, &length);
    char id[256] = "";
    connection_open(&c, &peers, false);
    if (connection_exchange(&c, request, length, deadline) == ANSWERED &&
        http_header(c.response, c.received, "Mcp-Session-Id", id, sizeof id)) {
        free(request);
        request = http_request(options.path, peers.server_name, peers.port, options.headers, id, options.opened_body, &length);
        if (connection_exchange(&c, request, length, deadline) != ANSWERED) {
            id[0] = 0;
        }
    }
    if (!id[0]) {
        first_error = c.received ? strdup(c.response) : c.why;
    }
    free(request);
    connection_close(&c);
    SSL_SESSION_free(c.ticket);
    free(c.response);
    return id[0] ? strdup(id) : NULL;
}

// One request for each session (or one for all); worker i uses identity and session i modulo their counts.
static bool workers_prepare(void) {
    size_t variants = options.sessions ? options.sessions : 1;
    char **requests = calloc(variants, sizeof *requests);
    size_t *lengths = calloc(variants, sizeof *lengths);
    for (size_t i = 0; i < variants; i++) {
        char *session = options.sessions ? session_open(i) : NULL;
        if (options.sessions && !session) {
            return false;
        }
        requests[i] = http_request(options.path, peers.server_name, peers.port, options.headers, session, options.body, &lengths[i]);
    }
    workers = calloc(options.connections, sizeof *workers);
    unoccupied = (Queue){.slots = calloc(options.connections, sizeof(Worker *)), .capacity = options.connections};
    resting = (Queue){.slots = calloc(options.connections, sizeof(Worker *)), .capacity = options.connections};
    for (size_t i = 0; i < options.connections; i++) {
        workers[i].connection.identity = i % variants;
        if (!options.sessions) {
            workers[i].connection.identity = i % peers.count;
        }
        workers[i].request = strdup(requests[i % variants]);
        workers[i].request_length = lengths[i % variants];
        workers[i].id = strstr(workers[i].request, "1000000000");
        put(&unoccupied, &workers[i]);
    }
    return true;
}

// A call without an answer is worse than a slow one: it counts as an error and with its age.
static void count_stuck(void) {
    uint64_t now = now_ns();
    for (size_t i = 0; i < options.connections; i++) {
        if (workers[i].busy && now - workers[i].connection.began > 2 * SECOND) {
            record_error("no answer for two seconds");
            samples_add(&samples, now - workers[i].connection.began);
        }
    }
}

static void report(double seconds, double server_cpu, double own_cpu) {
    printf("{\"mode\":\"%s\",\"connections\":%zu,\"seconds\":%.3f,\"operations\":%zu,\"errors\":%zu,\"opened\":%zu,"
           "\"resumed\":%zu,\"reopened\":%zu,\"server_cpu_seconds\":%.3f,\"own_cpu_seconds\":%.3f,"
           "\"latency_us\":{\"p50\":%u,\"p90\":%u,\"p99\":%u,\"p999\":%u,\"max\":%u},\"first_error\":\"",
           MODES[options.mode], options.connections, seconds, samples.count, errors, opened, resumed, reopened, server_cpu,
           own_cpu, samples_percentile(&samples, 0.5), samples_percentile(&samples, 0.9),
           samples_percentile(&samples, 0.99), samples_percentile(&samples, 0.999), samples_percentile(&samples, 1));
    for (const char *c = first_error ? first_error : ""; *c; c++) {
        putchar(*c == '"' || *c == '\\' || (unsigned char)*c < ' ' ? '\'' : *c);
    }
    puts("\"}");
    fflush(stdout);
}

// Warm-up is measured in processor time of the server, because a busy machine gives its compilers less in the same wall time.
static void warm_up(void) {
    uint64_t from = now_ns(), least = (uint64_t)(options.warmup * (double)SECOND);
    double used = tree_cpu_seconds(options.pid);
    do {
        run_until(now_ns() + SECOND / 10);
    } while (now_ns() < from + least || (options.pid && now_ns() < from + 6 * least &&
                                         tree_cpu_seconds(options.pid) - used < options.warmup));
}

static void run_load(void) {
    if (options.warmup > 0) {
        warm_up();
    }
    window_from = now_ns();
    window_to = window_from + (uint64_t)(options.seconds * (double)SECOND);
    double server = tree_cpu_seconds(options.pid), own = own_cpu_seconds();
    run_until(window_to);
    window_to = now_ns() + 1;
    server = tree_cpu_seconds(options.pid) - server;
    own = own_cpu_seconds() - own;
    count_stuck();
    report((double)(window_to - window_from) / (double)SECOND, server, own);
}

// Opens every connection with one call on each, a few at a time, reports, and keeps them until standard input ends.
static void run_idle(void) {
    enum { AT_A_TIME = 32 };
    Queue waiting = unoccupied;
    unoccupied.slots = calloc(options.connections, sizeof(Worker *));
    unoccupied.count = unoccupied.head = 0;
    uint64_t from = now_ns(), limit = from + 300 * SECOND;
    window_from = from;
    window_to = limit;
    for (size_t busy = 0; unoccupied.count + errors < options.connections && now_ns() < limit;) {
        busy = options.connections - waiting.count - unoccupied.count - errors;
        while (waiting.count && busy++ < AT_A_TIME) {
            begin(take(&waiting), now_ns());
        }
        poll_events(now_ns() + SECOND / 10);
    }
    report((double)(now_ns() - from) / (double)SECOND, 0, own_cpu_seconds());
    char end;
    while (read(STDIN_FILENO, &end, 1) > 0) {
    }
}

// Tries until a call is answered as expected, and reports that time.
static void run_first(void) {
    uint64_t deadline = now_ns() + (uint64_t)(options.seconds * (double)SECOND);
    char *session = NULL;
    while (now_ns() < deadline) {
        Connection c = {0};
        session = session || !options.sessions ? session : session_open(0);
        size_t length;
        char *request = http_request(options.path, peers.server_name, peers.port, options.headers, session, options.body, &length);
        if (session || !options.sessions) {
            connection_open(&c, &peers, false);
            if (connection_exchange(&c, request, length, deadline) == ANSWERED && strstr(c.response, options.expect)) {
                printf("{\"answered_ns\":%llu}\n", (unsigned long long)now_ns());
                return;
            }
            first_error = c.received ? strdup(c.response) : c.why;
        }
        connection_close(&c);
        SSL_SESSION_free(c.ticket);
        free(c.response);
        free(request);
        usleep(2000);
    }
    fprintf(stderr, "load: no good call in time, last: %s\n", first_error ? first_error : "nothing");
    exit(1);
}

static char *read_file(const char *path) {
    FILE *f = fopen(path, "r");
    char *text = calloc(1, RESPONSE_LIMIT);
    if (!f || !fread(text, 1, RESPONSE_LIMIT - 1, f)) {
        fprintf(stderr, "load: cannot read %s\n", path);
        exit(2);
    }
    fclose(f);
    text[strcspn(text, "\n")] = 0;
    return text;
}

static Mode parse_mode(const char *name) {
    for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
        if (!strcmp(name, MODES[i])) {
            return (Mode)i;
        }
    }
    fprintf(stderr, "load: unknown mode %s\n", name);
    exit(2);
}

static void add_header(const char *line) {
    size_t used = strlen(options.headers);
    snprintf(options.headers + used, sizeof options.headers - used, "%s\r\n", line);
}

static void parse_options(int argc, char **argv) {
    static const struct option LONG[] = {
        {"mode", 1, 0, 'm'},     {"port", 1, 0, 'p'},   {"ca", 1, 0, 'a'},       {"identities", 1, 0, 'i'},
        {"path", 1, 0, 'u'},     {"body", 1, 0, 'b'},   {"header", 1, 0, 'H'},   {"expect", 1, 0, 'e'},
        {"sessions", 1, 0, 's'}, {"open", 1, 0, 'o'},   {"opened", 1, 0, 'O'},   {"connections", 1, 0, 'c'},
        {"warmup", 1, 0, 'w'},   {"seconds", 1, 0, 't'}, {"rate", 1, 0, 'r'},     {"pid", 1, 0, 'P'},
        {"calls", 1, 0, 'n'},
        {0, 0, 0, 0}};
    for (int o; (o = getopt_long(argc, argv, "", LONG, NULL)) != -1;) {
        switch (o) {
            case 'm': options.mode = parse_mode(optarg); break;
            case 'p': options.port = (uint16_t)atoi(optarg); break;
            case 'a': options.authority = optarg; break;
            case 'i': options.identities = optarg; break;
            case 'u': options.path = optarg; break;
            case 'b': options.body = read_file(optarg); break;
            case 'H': add_header(optarg); break;
            case 'e': options.expect = optarg; break;
            case 's': options.sessions = strtoul(optarg, NULL, 10); break;
            case 'o': options.open_body = read_file(optarg); break;
            case 'O': options.opened_body = read_file(optarg); break;
            case 'c': options.connections = strtoul(optarg, NULL, 10); break;
            case 'w': options.warmup = atof(optarg); break;
            case 't': options.seconds = atof(optarg); break;
            case 'r': options.rate = atof(optarg); break;
            case 'P': options.pid = atoi(optarg); break;
            case 'n': options.calls = strtoul(optarg, NULL, 10); break;
            default: exit(2);
        }
    }
    if (!options.port || !options.authority || !options.identities || !options.body || !options.expect ||
        (options.sessions && (!options.open_body || !options.opened_body)) || !options.connections) {
        fprintf(stderr, "load: --port, --ca, --identities, --body and --expect are needed, with --sessions also --open and "
                        "--opened\n");
        exit(2);
    }
}

int main(int argc, char **argv) {
    parse_options(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    peers = peers_load(options.authority, options.identities, options.port, "localhost");
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (options.mode == FIRST) {
        run_first();
        return 0;
    }
    if (!workers_prepare()) {
        fprintf(stderr, "load: cannot open a session: %s\n", first_error ? first_error : "refused");
        return 1;
    }
    if (options.mode == IDLE_CONNECTIONS) {
        run_idle();
    } else {
        run_load();
    }
    return 0;
}
