/* The account kernels in C, for comparison: the same passes over the same arrays, with the compiler's own 128-bit
 * arithmetic where that is fast. Built by speed.py with -O3 -march=native. See _accounts.py for the shapes. */
#include <stdint.h>
#include <stddef.h>

typedef uint64_t u64;
typedef unsigned __int128 u128;
typedef struct { u64 lo, hi, tag, link; } Lot;
typedef struct { Lot lot; u64 clean_lo, clean_hi; } Mixed;
typedef struct { u64 lo, hi, a, b; } Purse;
#define WIDE(lo, hi) ((u128)(hi) << 64 | (lo))
#define CLEAN 1
#define LOW 0xffffffffu

static inline void gain(u64 *p, u128 x) { u128 v = WIDE(p[0], p[1]) + x; p[0] = (u64)v; p[1] = (u64)(v >> 64); }
static inline void put(Lot *l, u128 x) { l->lo = (u64)x; l->hi = (u64)(x >> 64); }

static inline int64_t fresh(Lot *nodes, int64_t *control) {
    int64_t free = control[1];
    if (free) { control[1] = (int64_t)nodes[free].link; control[2]--; return free; }
    return control[0]++;
}
static inline void give_back(Lot *nodes, int64_t *control, int64_t node) {
    nodes[node].link = (u64)control[1]; control[1] = node; control[2]++;
}
static inline void sink(u64 *sinks, int64_t labels, int64_t row, u64 tag, u128 x) {
    if (tag > CLEAN) gain(sinks + 2 * (row * labels + (int64_t)(tag - 2)), x);
}
static inline void behind(Lot *own, Lot *nodes, int64_t *control, u128 x, u64 tag) {
    if (!own->tag) { put(own, x); own->tag = tag; own->link = 0; return; }
    int64_t last = own->link & LOW;
    Lot *end = last ? nodes + last : own;
    if (end->tag == tag) { put(end, WIDE(end->lo, end->hi) + x); return; }
    int64_t node = fresh(nodes, control);
    put(nodes + node, x); nodes[node].tag = tag; nodes[node].link = 0;
    if (!last) own->link = (u64)node << 32 | (u64)node;
    else { nodes[last].link = (u64)node; own->link = (own->link >> 32) << 32 | (u64)node; }
}
static inline void next_in_queue(Lot *own, Lot *nodes, int64_t *control) {
    int64_t first = own->link >> 32;
    if (!first) { own->tag = 0; return; }
    u64 last = own->link & LOW, after = nodes[first].link;
    own->lo = nodes[first].lo; own->hi = nodes[first].hi; own->tag = nodes[first].tag;
    own->link = (u64)first == last ? 0 : after << 32 | last;
    give_back(nodes, control, first);
}
static inline void on_top(Lot *own, Lot *nodes, int64_t *control, u128 x, u64 tag) {
    if (own->tag == tag) { put(own, WIDE(own->lo, own->hi) + x); return; }
    u64 link = 0;
    if (own->tag) { int64_t node = fresh(nodes, control); nodes[node] = *own; link = (u64)node << 32; }
    put(own, x); own->tag = tag; own->link = link;
}
static inline void next_on_stack(Lot *own, Lot *nodes, int64_t *control) {
    int64_t below = own->link >> 32;
    if (!below) { own->tag = 0; return; }
    *own = nodes[below];
    give_back(nodes, control, below);
}
#ifdef AHEAD
#define FETCH(rows) if (i + AHEAD < stop) { __builtin_prefetch((rows) + sender[i + AHEAD], 1); __builtin_prefetch((rows) + receiver[i + AHEAD], 1); }
#else
#define FETCH(rows)
#endif
#define HEAD const int32_t *sender, const int32_t *receiver, const u64 *amounts, int64_t start, int64_t stop, \
    const u64 *labels, int64_t sources, int64_t venues_end
#define LOTS(NAME, ROW, LOT, NEXT, PUT, AFTER, CLEANPUT) \
int64_t NAME(HEAD, ROW *rows, Lot *nodes, int64_t room, int64_t *control, u64 *stolen, u64 *sinks, int64_t thefts) { \
    for (int64_t i = start; i < stop; i++) { \
        if (room - control[0] + control[2] <= 4) return i; \
        FETCH(rows) \
        int64_t s = sender[i], r = receiver[i]; \
        u128 x = WIDE(amounts[2 * i], amounts[2 * i + 1]); \
        if (s == r || !x) continue; \
        u64 tag = CLEAN; \
        if (s < sources) { tag = 2 + labels[s]; gain(stolen + 2 * labels[s], x); } \
        else if (s >= venues_end) { \
            Lot *own = LOT(rows[s]); \
            while (own->tag) { \
                u128 have = WIDE(own->lo, own->hi); u64 kind = own->tag; \
                if (x < have) { put(own, have - x); tag = kind; break; } \
                NEXT(own, nodes, control); \
                if (r < venues_end) sink(sinks, thefts, r, kind, have); \
                else PUT(LOT(rows[r]), nodes, control, have, kind); \
                x -= have; \
                if (!x) break; \
            } \
            AFTER \
        } \
        if (x) { \
            if (r < venues_end) sink(sinks, thefts, r, tag, x); \
            CLEANPUT \
            else PUT(LOT(rows[r]), nodes, control, x, tag); \
        } \
    } \
    return stop; \
}
#define PLAIN(row) (&(row))
#define INNER(row) (&(row).lot)
LOTS(fifo, Lot, PLAIN, next_in_queue, behind, , )
LOTS(lifo, Lot, PLAIN, next_on_stack, on_top, , )
LOTS(taint_first, Mixed, INNER, next_in_queue, behind,
    if (tag == CLEAN) { u128 c = WIDE(rows[s].clean_lo, rows[s].clean_hi); c = x < c ? c - x : 0;
        rows[s].clean_lo = (u64)c; rows[s].clean_hi = (u64)(c >> 64); },
    else if (tag == CLEAN) gain(&rows[r].clean_lo, x);)

/* floor(a * b / d), a <= d: hardware division where the divisor is one word, else an estimate made exact. */
static inline u128 muldiv(u128 a, u128 b, u128 d) {
    if (!(d >> 64) && !(b >> 64)) {
        u128 p = (u128)(u64)a * (u64)b;
#ifdef __x86_64__
        u64 q, rest;
        __asm__("divq %4" : "=a"(q), "=d"(rest) : "a"((u64)p), "d"((u64)(p >> 64)), "r"((u64)d));
        return q;
#else
        return p / (u64)d;
#endif
    }
    u64 a0 = (u64)a, a1 = (u64)(a >> 64), b0 = (u64)b, b1 = (u64)(b >> 64);
    u128 low = (u128)a0 * b0, m1 = (u128)a0 * b1, m2 = (u128)a1 * b0, high = (u128)a1 * b1;
    u128 mid = (low >> 64) + (u64)m1 + (u64)m2;
    u64 p[4] = { (u64)low, (u64)mid, 0, 0 };
    u128 top = high + (m1 >> 64) + (m2 >> 64) + (mid >> 64);
    p[2] = (u64)top; p[3] = (u64)(top >> 64);
    int bits = d >> 64 ? __builtin_clzll((u64)(d >> 64)) : 64 + __builtin_clzll((u64)d);
    d <<= bits;
    if (bits >= 64) { p[3] = p[2]; p[2] = p[1]; p[1] = p[0]; p[0] = 0; bits -= 64; }
    if (bits) {
        p[3] = p[3] << bits | p[2] >> (64 - bits); p[2] = p[2] << bits | p[1] >> (64 - bits);
        p[1] = p[1] << bits | p[0] >> (64 - bits); p[0] <<= bits;
    }
    u64 d1 = (u64)(d >> 64), d0 = (u64)d, q[2];
    u128 rest = WIDE(p[2], p[3]);
    for (int k = 0; k < 2; k++) {
        u64 next = p[1 - k], r1 = (u64)(rest >> 64), r0 = (u64)rest, guess, left;
        u128 over;
        if (r1 >= d1) { guess = ~(u64)0; over = rest - (u128)guess * d1; }
        else {
#ifdef __x86_64__
            __asm__("divq %4" : "=a"(guess), "=d"(left) : "a"(r0), "d"(r1), "r"(d1));
#else
            guess = (u64)(rest / d1); left = (u64)(rest % d1);
#endif
            over = left;
        }
        while (!(over >> 64) && (u128)guess * d0 > ((over << 64) | next)) { guess--; over += d1; }
        q[k] = guess;
        rest = (over << 64 | next) - (u128)guess * d0;
    }
    return WIDE(q[1], q[0]);
}

int64_t haircut_one(HEAD, Purse *rows, u64 *stolen, u64 *sinks) {
    for (int64_t i = start; i < stop; i++) {
        FETCH(rows)
        int64_t s = sender[i], r = receiver[i];
        u128 x = WIDE(amounts[2 * i], amounts[2 * i + 1]), t = 0;
        if (s == r || !x) continue;
        if (s < sources) { t = x; gain(stolen, x); }
        else if (s >= venues_end) {
            Purse *own = rows + s;
            u128 have = WIDE(own->lo, own->hi), part = WIDE(own->a, own->b);
            if (x < have) {
                have -= x;
                if (part) { t = part == have + x ? x : muldiv(part, x, have + x); part -= t; }
            } else { t = part; have = part = 0; }
            own->lo = (u64)have; own->hi = (u64)(have >> 64); own->a = (u64)part; own->b = (u64)(part >> 64);
        }
        if (r < venues_end) gain(sinks + 2 * r, t);
        else { gain(&rows[r].lo, x); gain(&rows[r].a, t); }
    }
    return stop;
}

static inline u64 *place(Purse *row, u64 *parts, int64_t thefts, int64_t *control) {
    if (!row->a) row->a = (u64)control[0]++;
    return parts + 2 * thefts * row->a;
}
int64_t haircut(HEAD, Purse *rows, u64 *parts, int64_t room, int64_t *control, u64 *stolen, u64 *sinks, int64_t thefts) {
    for (int64_t i = start; i < stop; i++) {
        if (control[0] >= room) return i;
        FETCH(rows)
        int64_t s = sender[i], r = receiver[i];
        u128 x = WIDE(amounts[2 * i], amounts[2 * i + 1]);
        if (s == r || !x) continue;
        if (r >= venues_end) gain(&rows[r].lo, x);
        if (s < sources) {
            u64 label = labels[s];
            gain(stolen + 2 * label, x);
            if (r < venues_end) { gain(sinks + 2 * (r * thefts + label), x); continue; }
            gain(place(rows + r, parts, thefts, control) + 2 * label, x);
            rows[r].b |= (u64)1 << label;
        } else if (s >= venues_end) {
            Purse *own = rows + s;
            u128 have = WIDE(own->lo, own->hi);
            u64 owners = own->b, given = 0;
            int covers = x >= have;
            if (covers) { own->lo = own->hi = own->b = 0; }
            else { u128 left = have - x; own->lo = (u64)left; own->hi = (u64)(left >> 64); }
            if (!owners) continue;
            u64 *mine = parts + 2 * thefts * own->a;
            u64 *theirs = r < venues_end ? sinks + 2 * r * thefts : place(rows + r, parts, thefts, control);
            for (u64 left = owners; left; left &= left - 1) {
                int label = __builtin_ctzll(left);
                u128 part = WIDE(mine[2 * label], mine[2 * label + 1]);
                u128 t = covers ? part : muldiv(part, x, have);
                if (!t) continue;
                part -= t;
                mine[2 * label] = (u64)part; mine[2 * label + 1] = (u64)(part >> 64);
                given |= (u64)1 << label;
                gain(theirs + 2 * label, t);
            }
            if (r >= venues_end) rows[r].b |= given;
        }
    }
    return stop;
}

int64_t poison(HEAD, Purse *rows, u64 *stolen, u64 *sinks, int64_t thefts) {
    for (int64_t i = start; i < stop; i++) {
        FETCH(rows)
        int64_t s = sender[i], r = receiver[i];
        u128 x = WIDE(amounts[2 * i], amounts[2 * i + 1]), known = x;
        u64 marks = 0;
        if (s == r || !x) continue;
        if (s < sources) { marks = (u64)1 << labels[s]; gain(stolen + 2 * labels[s], x); }
        else if (s >= venues_end) {
            u128 have = WIDE(rows[s].lo, rows[s].hi);
            if (x < have) { have -= x; marks = rows[s].a; }
            else { known = have; if (have) marks = rows[s].a; have = 0; }
            rows[s].lo = (u64)have; rows[s].hi = (u64)(have >> 64);
        }
        if (r >= venues_end) { gain(&rows[r].lo, x); rows[r].a |= marks; }
        else for (; marks; marks &= marks - 1) gain(sinks + 2 * (r * thefts + __builtin_ctzll(marks)), known);
    }
    return stop;
}

static inline int32_t root(int32_t *parent, int32_t x) {
    while (parent[x] != x) { parent[x] = parent[parent[x]]; x = parent[x]; }
    return x;
}
void join(const int64_t *ends, const int32_t *members, int64_t groups, int32_t *parent) {
    for (int64_t g = 0; g < groups; g++) {
        if (ends[g] == ends[g + 1]) continue;
        int32_t a = root(parent, members[ends[g]]);
        for (int64_t k = ends[g] + 1; k < ends[g + 1]; k++) {
            int32_t b = root(parent, members[k]);
            if (a < b) parent[b] = a; else if (b < a) { parent[a] = b; a = b; }
        }
    }
}
