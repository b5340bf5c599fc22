/* yardstick.c - the kernel's rules in plain C: how fast can this work be done without Python?
 *
 * The same phases, rungs, clocks, luck, tables and difference rows as src/follicast/cycle.py, in the same order
 * of arithmetic, so that counts agree one for one. Scalar, double precision, one thread, no library but libc.
 *
 * build:  gcc -O3 -march=native -ffp-contract=off -o yardstick yardstick.c
 *         (contraction off: a fused multiply-add rounds once where the kernel rounds twice)
 * run:    ./yardstick work.bin out.bin repeats
 *         work.bin is written by yardstick.py; out.bin receives int64 counts [draw][quantity][observation]
 * prints one line of JSON: events, and the CPU seconds of each repeat                                        */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANAGEN, CATAGEN, TELOGEN, KENOGEN, GONE, PHASES = 4 };
enum { TERMINAL, INTERMEDIATE, VELLUS, DELETED, RUNGS = 3 };
enum { TOTAL, THICK, GROWING, DIAMETER, SHED, VOLUME, QUANTITIES };
enum { STEP, ANAGEN_WORK, CATAGEN_WORK, TELOGEN_WORK, KENOGEN_WORK };

/* Sizes, then the arrays in the order of the file; axes as in cycle.py. */
static int64_t draws, follicles, clocks, steps, buckets, cells, columns;
static double step_d, every, cutoff_um, visible_um, slow_um;
static uint64_t *keys;
static int64_t *row;
static double *mean_work, *work_quantile, *kenogen_share, *diameter_factor, *down_factor, *growth;
static double *worked, *down_at, *up_at, *ageing;
static double *own_step, *dormancy, *anagen_scale, *kenogen_scale, *full_um;
static int32_t *search_from;
typedef struct { int8_t *phase, *rung; int64_t *cycle; double *left, *since, *um; } State;
static State start, end_state;

/* What one draw reads. */
typedef struct {
    uint64_t key;
    const double *worked, *mean, *share, *factor, *down_factor, *down, *up, *ageing;
    const int32_t *search_from;
    double growth_base, growth_slope;
    int64_t *seen;
} Draw;
typedef struct { int64_t step; double part; } Moment;

static inline double uniform(uint64_t key, uint64_t follicle, uint64_t cycle, uint64_t purpose) {
    uint64_t x = (follicle << 20 | cycle << 4 | purpose) * key, y = x, z = y + key;
    x = x * x + y; x = x >> 32 | x << 32;
    x = x * x + z; x = x >> 32 | x << 32;
    x = x * x + y; x = x >> 32 | x << 32;
    return ((double)((x * x + z) >> 32) + 0.5) * 0x1p-32;
}
static inline double work(const Draw *d, int phase, int rung, double share) {
    const double *knot = work_quantile + phase * (cells + 1);
    double x = share * cells;
    int64_t i = (int64_t)x;
    return d->mean[phase * RUNGS + rung] * (knot[i] + (x - i) * (knot[i + 1] - knot[i]));
}
/* Let a clock run through `work` from a moment on; 0 (and the work still to do) if the run is over first. */
static inline int advance(const Draw *d, int64_t clock, Moment *now, double *work) {
    const double *w = d->worked + clock * (steps + 1);
    double target = w[now->step] + now->part * (w[now->step + 1] - w[now->step]) + *work;
    if (target >= w[steps]) { *work = target - w[steps]; return 0; }
    int64_t i = d->search_from[clock * buckets + (int64_t)(target / step_d)];
    while (w[i + 1] <= target) i++;
    now->step = i;
    now->part = (target - w[i]) / (w[i + 1] - w[i]);
    return 1;
}
static inline double day(Moment now) { return (now.step + now.part) * step_d; }
static inline int64_t observation(double t) { return (int64_t)ceil((t > 0 ? t : 0) / every); }
static inline void show(int64_t *seen, int64_t k, int64_t sign, double um) {
    seen[TOTAL * columns + k] += sign;
    seen[DIAMETER * columns + k] += sign * (int64_t)(um * 64.0 + 0.5);
    if (um >= cutoff_um) seen[THICK * columns + k] += sign;
}

/* One follicle from its start to the end of the run; returns the number of events. */
static inline int64_t live(const Draw *d, int64_t f, int64_t at) {
    int phase = start.phase[at], rung = start.rung[at];
    int64_t cycle = start.cycle[at], events = 0;
    double left = start.left[at], um = start.um[at], began = -start.since[at], horizon = steps * step_d;
    Moment now = {0, 0.0};
    if ((phase == CATAGEN || phase == TELOGEN) && um > 0) show(d->seen, 0, 1, um);
    while (phase != GONE) {
        if (phase == ANAGEN) {
            int ends = advance(d, row[ANAGEN * RUNGS + rung], &now, &left);
            double end = ends ? day(now) : horizon;
            double rate = d->growth_base + d->growth_slope * um;
            double seen_from = began + visible_um / rate;
            if (seen_from < end) {
                int64_t k = observation(seen_from);
                show(d->seen, k, 1, um);
                int64_t moves = rate >= slow_um, volume = (int64_t)(um * um * rate / 1024.0 + 0.5);
                d->seen[GROWING * columns + k] += moves;
                d->seen[VOLUME * columns + k] += volume;
                if (ends) {
                    k = observation(end);
                    d->seen[GROWING * columns + k] -= moves;
                    d->seen[VOLUME * columns + k] -= volume;
                }
            } else if (ends) um = 0.0;
            if (!ends) break;
            events++;
            phase = CATAGEN;
            left = work(d, CATAGEN, rung, uniform(d->key, f, cycle, CATAGEN_WORK));
        }
        if (phase == CATAGEN) {
            if (!advance(d, row[CATAGEN * RUNGS + rung], &now, &left)) break;
            events++;
            phase = TELOGEN;
            left = work(d, TELOGEN, rung, uniform(d->key, f, cycle, TELOGEN_WORK));
        }
        if (phase == TELOGEN) {
            if (!advance(d, row[TELOGEN * RUNGS + rung], &now, &left)) break;
            events++;
            if (um > 0) {
                int64_t k = observation(day(now));
                show(d->seen, k, -1, um);
                d->seen[SHED * columns + k]++;
                um = 0.0;
            }
            double share = d->share[rung] + (1.0 - d->share[rung]) * dormancy[at];
            double luck = uniform(d->key, f, cycle, KENOGEN_WORK);
            if (luck < share) {
                phase = KENOGEN;
                left = kenogen_scale[at] * work(d, KENOGEN, rung, luck / share);
            }
        }
        if (phase == KENOGEN) {
            if (!advance(d, row[KENOGEN * RUNGS + rung], &now, &left)) break;
            events++;
        }
        cycle++;
        double down = fmin(0.9, own_step[at] * d->down[now.step]) * d->down_factor[rung];
        double luck = uniform(d->key, f, cycle, STEP);
        if (luck < down) rung++;
        else if (rung > TERMINAL && luck >= 1.0 - fmin(d->up[now.step], 1.0 - down)) rung--;
        if (rung == DELETED) { phase = GONE; left = um = 0.0; break; }
        phase = ANAGEN;
        began = day(now);
        um = full_um[at] * d->factor[rung] * d->ageing[now.step];
        left = anagen_scale[at] * work(d, ANAGEN, rung, uniform(d->key, f, cycle, ANAGEN_WORK));
    }
    end_state.phase[at] = phase; end_state.rung[at] = rung; end_state.cycle[at] = cycle;
    end_state.left[at] = left; end_state.since[at] = horizon - began; end_state.um[at] = um;
    return events;
}
static int64_t grow(int64_t *seen) {
    int64_t events = 0;
    memset(seen, 0, draws * QUANTITIES * columns * sizeof *seen);
    for (int64_t c = 0; c < draws; c++) {
        Draw d = {keys[c], worked + c * clocks * (steps + 1), mean_work + c * PHASES * RUNGS, kenogen_share + c * RUNGS,
                  diameter_factor + c * RUNGS, down_factor + c * RUNGS, down_at + c * steps, up_at + c * steps,
                  ageing + c * steps, search_from + c * clocks * buckets, growth[2 * c], growth[2 * c + 1],
                  seen + c * QUANTITIES * columns};
        for (int64_t f = 0; f < follicles; f++) events += live(&d, f, c * follicles + f);
    }
    return events;
}
/* Differences to counts; the last column lies beyond the last observation. */
static void tally(int64_t *seen) {
    for (int64_t c = 0; c < draws; c++)
        for (int q = 0; q < QUANTITIES; q++)
            for (int64_t k = 1; q != SHED && k < columns; k++) {
                int64_t *at = seen + (c * QUANTITIES + q) * columns + k;
                *at += at[-1];
            }
}

static void *room(size_t count, size_t size) {
    void *array = calloc(count + 1, size);
    if (!array) { fputs("out of memory\n", stderr); exit(1); }
    return array;
}
static void *take(FILE *file, size_t count, size_t size) {
    void *array = room(count, size);
    if (fread(array, size, count, file) != count) { fputs("work.bin is too short\n", stderr); exit(1); }
    return array;
}
static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    int64_t *n = take(file, 7, 8);
    draws = n[0]; follicles = n[1]; clocks = n[2]; steps = n[3]; buckets = n[4]; cells = n[5]; columns = n[6];
    double *x = take(file, 5, 8);
    step_d = x[0]; every = x[1]; cutoff_um = x[2]; visible_um = x[3]; slow_um = x[4];
    keys = take(file, draws, 8);
    mean_work = take(file, draws * PHASES * RUNGS, 8); work_quantile = take(file, PHASES * (cells + 1), 8);
    kenogen_share = take(file, draws * RUNGS, 8); diameter_factor = take(file, draws * RUNGS, 8);
    down_factor = take(file, draws * RUNGS, 8); growth = take(file, draws * 2, 8);
    row = take(file, PHASES * RUNGS, 8);
    worked = take(file, draws * clocks * (steps + 1), 8); search_from = take(file, draws * clocks * buckets, 4);
    down_at = take(file, draws * steps, 8); up_at = take(file, draws * steps, 8); ageing = take(file, draws * steps, 8);
    size_t n_all = draws * follicles;
    own_step = take(file, n_all, 8); dormancy = take(file, n_all, 8); anagen_scale = take(file, n_all, 8);
    kenogen_scale = take(file, n_all, 8); full_um = take(file, n_all, 8);
    start = (State){take(file, n_all, 1), take(file, n_all, 1), take(file, n_all, 8),
                    take(file, n_all, 8), take(file, n_all, 8), take(file, n_all, 8)};
    end_state = (State){room(n_all, 1), room(n_all, 1), room(n_all, 8), room(n_all, 8), room(n_all, 8), room(n_all, 8)};
    fclose(file);
}
static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
int main(int count, char **words) {
    if (count != 4) { fputs("usage: yardstick work.bin out.bin repeats\n", stderr); return 2; }
    load(words[1]);
    size_t size = draws * QUANTITIES * columns;
    int64_t *seen = room(size, sizeof *seen), events = 0;
    int repeats = atoi(words[3]);
    printf("{\"seconds\": [");
    for (int r = 0; r < repeats; r++) {
        double before = cpu_seconds();
        events = grow(seen);
        tally(seen);
        printf("%s%.6f", r ? ", " : "", cpu_seconds() - before);
    }
    printf("], \"events\": %lld}\n", (long long)events);
    FILE *file = fopen(words[2], "wb");
    if (!file || fwrite(seen, sizeof *seen, size, file) != size) { perror(words[2]); return 1; }
    return fclose(file) != 0;
}
