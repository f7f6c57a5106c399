// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static double process_cpu_ticks(int pid) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f) {
        return 0;
    }
    size_t n = fread(line, 1, sizeof line - 1, f);
    fclose(f);
    line[n] = 0;
    const char *after_name = strrchr(line, ')'); // the name may hold blanks and brackets
    unsigned long user = 0, system = 0;
    if (after_name) {
        sscanf(after_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    }
    return (double)(user + system);
}

static double tree_cpu_ticks(int pid) {
    double ticks = process_cpu_ticks(pid);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *f = fopen(path, "r");
    int child;
    while (f && fscanf(f, "%d", &child) == 1) {
        ticks += tree_cpu_ticks(child);
    }
    if (f) {
        fclose(f);
    }
    return ticks;
}

double tree_cpu_seconds(int pid) {
    return pid > 0 ? tree_cpu_ticks(pid) / (double)sysconf(_SC_CLK_TCK) : 0;
}

double own_cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

void samples_add(Samples *s, uint64_t nanos) {
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 65536;
        s->micros = realloc(s->micros, s->capacity * sizeof *s->micros);
        if (!s->micros) {
            abort();
        }
    }
    s->micros[s->count++] = (uint32_t)(nanos / 1000);
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

uint32_t samples_percentile(Samples *s, double fraction) {
    if (s->count == 0) {
        return 0;
    }
    qsort(s->micros, s->count, sizeof *s->micros, ascending);
    size_t rank = (size_t)(fraction * (double)s->count);
    return s->micros[rank < s->count ? rank : s->count - 1];
}
