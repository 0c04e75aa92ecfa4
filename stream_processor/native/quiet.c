/* The quiet path in C: of a batch of records, those readings that say nothing, from one on until one may say something.

   It only spares work. What it takes it takes exactly as `partition`, `scorer.score` and `quiet` would, into the same objects; whatever
   is not plainly of that kind (another format, somebody not awake, a step counter, a repeated id, a value outside a limit, a type or a
   number not expected) it leaves untouched to them. `tests/stream_processor/test_native.py` holds the two against each other.

   The fields of msgspec's structs lie in slots whose places their own descriptors tell (`prepare`), so that reading one is a load and not a
   call. No number of the scorer's is written here: `prepare` is given them. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <structmember.h>

/* Python rounds after each operation; one fused would differ in the last bit. The build says so too, for compilers that pass over this. */
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

enum { VITALS = 6, MOST_DIGITS = 15, MOST_ID = 128 };
/* Larger integers are left to Python: sums and differences of two below it stay within 64 bits. */
#define MOST_INT ((int64_t)1 << 61)

static const double TENTHS[MOST_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

static struct {
    PyTypeObject *type;
    Py_ssize_t seen, seen_newest, newest_us, readings, moved, vitals, own_limits, heard_us, gap_us, counted_us, care, effort, offset_min;
} Patient;
static struct {
    PyTypeObject *type;
    Py_ssize_t newest, baseline, watches, block;
} Known;
static struct {
    PyTypeObject *type;
    Py_ssize_t mean, variance, readings, since_us;
} Base;
static struct {
    PyTypeObject *type;
    Py_ssize_t number, rest_sum, rest_count, light_sum, light_count, other_count;
} Blk;
static struct {
    PyTypeObject *type;
    Py_ssize_t at_us, lead_us, reading_id;
} New;
static struct {
    PyTypeObject *type;
    Py_ssize_t bands;
} Lim;

/* One vital: its name as a key and as the text before its value in JSON, and the scorer's numbers for it. */
static struct {
    PyObject *name;
    char text[40];
    Py_ssize_t text_size;
    double lowest, highest, near, least;
    int at_rest_only, has_light;
} Vital[VITALS];

static struct {
    long long minute_us, block_us, stale_us, memory_us, speaks_for_us, enough_readings, every;
    long long mark, newest_kept, kept;
    double battery_low_pct, at_most_spreads;
    PyObject *is_at_rest, *level;
} Rule;

static PyObject *str_key, *str_value;
static int is_prepared = 0;

#define AT(object, slot) (*(PyObject **)((char *)(object) + (slot)))

static inline void put(PyObject *object, Py_ssize_t slot, PyObject *new) {
    PyObject *old = AT(object, slot);
    AT(object, slot) = new;
    Py_XDECREF(old);
}

static inline int as_int(PyObject *object, int64_t *value) {
    if (object == NULL || !PyLong_CheckExact(object)) return 0;
    int overflow;
    long long found = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow || found >= MOST_INT || found <= -MOST_INT) return 0;
    *value = found;
    return 1;
}

static inline int as_float(PyObject *object, double *value) {
    if (object == NULL || !PyFloat_CheckExact(object)) return 0;
    *value = PyFloat_AS_DOUBLE(object);
    return 1;
}

/* A limit: people and tables write some of them as whole numbers. */
static inline int as_limit(PyObject *object, double *value) {
    int64_t whole;
    if (as_float(object, value)) return 1;
    if (!as_int(object, &whole) || whole > 1000000 || whole < -1000000) return 0;
    *value = (double)whole;
    return 1;
}

static inline int put_int(PyObject *object, Py_ssize_t slot, int64_t value) {
    PyObject *new = PyLong_FromLongLong(value);
    if (new == NULL) return 0;
    put(object, slot, new);
    return 1;
}

static inline int put_float(PyObject *object, Py_ssize_t slot, double value) {
    PyObject *new = PyFloat_FromDouble(value);
    if (new == NULL) return 0;
    put(object, slot, new);
    return 1;
}

/* Adds one to a count that `as_int` has read before. */
static inline int count_one(PyObject *object, Py_ssize_t slot) {
    int64_t count;
    return as_int(AT(object, slot), &count) && put_int(object, slot, count + 1);
}

/* What is said. */

typedef struct {
    const char *id, *user;
    Py_ssize_t id_size, user_size;
    int64_t measured_us, received_us;
    int has_sequence, has_battery, count;
    double battery_pct;
    int vital[VITALS];
    double value[VITALS];
} Said;

static inline int literal(const char **at, const char *end, const char *text, Py_ssize_t size) {
    if (end - *at < size || memcmp(*at, text, size) != 0) return 0;
    *at += size;
    return 1;
}
#define LITERAL(text) literal(&at, end, text, sizeof(text) - 1)

/* Text of an id's letters only, up to its closing quote: nothing to unescape, and ASCII. */
static inline int id_text(const char **at, const char *end, const char **found, Py_ssize_t *size) {
    const char *start = *at, *next = start;
    while (next < end) {
        unsigned char c = (unsigned char)*next;
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= ':' && c != '/') || c == '_')) break;
        next++;
    }
    if (next == start || next - start > MOST_ID || next >= end || *next != '"') return 0;
    *found = start;
    *size = next - start;
    *at = next + 1;
    return 1;
}

/* Digits as JSON writes them: no sign, no zero before others. */
static inline int digits(const char **at, const char *end, int64_t *value, int *count) {
    const char *start = *at, *next = start;
    int64_t sum = 0;
    while (next < end && *next >= '0' && *next <= '9' && next - start <= 18) sum = sum * 10 + (*next++ - '0');
    *count = (int)(next - start);
    if (*count == 0 || *count > 18 || (*start == '0' && *count > 1)) return 0;
    *value = sum;
    *at = next;
    return 1;
}

/* A decimal of so few digits that both halves of the quotient are exact: it is the nearest double, as every reader must find it. */
static inline int decimal(const char **at, const char *end, double *value) {
    int64_t sum;
    int count, after = 0;
    if (!digits(at, end, &sum, &count)) return 0;
    if (*at < end && **at == '.') {
        const char *next = *at + 1;
        while (next < end && *next >= '0' && *next <= '9' && count + after < MOST_DIGITS + 1) {
            sum = sum * 10 + (*next++ - '0');
            after++;
        }
        if (after == 0) return 0;
        *at = next;
    }
    if (count + after > MOST_DIGITS) return 0;
    *value = (double)sum / TENTHS[after];
    return 1;
}

/* A reading in the one form in which `wire.encode` writes it, if it says nothing but vitals, a charge and that it is worn. */
static int parse(const char *at, const char *end, Said *said) {
    const char *device;
    Py_ssize_t device_size;
    int64_t number;
    int count;
    said->has_sequence = said->has_battery = said->count = 0;
    if (!(LITERAL("{\"v\":1,\"reading_id\":\"") && id_text(&at, end, &said->id, &said->id_size) && LITERAL(",\"device_id\":\"") &&
          id_text(&at, end, &device, &device_size) && LITERAL(",\"user_id\":\"") && id_text(&at, end, &said->user, &said->user_size) &&
          LITERAL(",\"measured_at_us\":") && digits(&at, end, &said->measured_us, &count) && LITERAL(",\"received_at_us\":") &&
          digits(&at, end, &said->received_us, &count)))
        return 0;
    if (LITERAL(",\"boot\":") && !digits(&at, end, &number, &count)) return 0;
    if (LITERAL(",\"sequence\":")) {
        said->has_sequence = 1;
        if (!digits(&at, end, &number, &count)) return 0;
    }
    for (int vital = 0; vital < VITALS; vital++) {
        if (!literal(&at, end, Vital[vital].text, Vital[vital].text_size)) continue;
        if (!decimal(&at, end, &said->value[said->count])) return 0;
        said->vital[said->count++] = vital;
    }
    if (LITERAL(",\"battery_pct\":")) {
        said->has_battery = 1;
        if (!decimal(&at, end, &said->battery_pct) || said->battery_pct > 100.0) return 0;
    }
    (void)LITERAL(",\"on_body\":true");
    return LITERAL("}") && at == end;
}

/* What was seen. */

static inline int is_plain(PyObject *text) {
    return text != NULL && PyUnicode_CheckExact(text) && PyUnicode_IS_COMPACT_ASCII(text);
}

static int was_seen(PyObject *marks, const char *id) {
    const char *text = (const char *)PyUnicode_1BYTE_DATA(marks);
    Py_ssize_t size = PyUnicode_GET_LENGTH(marks), mark = Rule.mark;
    for (Py_ssize_t at = 0; at + mark <= size; at += mark)
        if (memcmp(text + at, id, mark) == 0) return 1;
    return 0;
}

static int remember(PyObject *state, const char *id) {
    PyObject *newest = AT(state, Patient.seen_newest);
    Py_ssize_t size = PyUnicode_GET_LENGTH(newest), mark = Rule.mark;
    if (size + mark < Rule.newest_kept) {
        PyObject *longer = PyUnicode_New(size + mark, 127);
        if (longer == NULL) return 0;
        memcpy(PyUnicode_1BYTE_DATA(longer), PyUnicode_1BYTE_DATA(newest), size);
        memcpy(PyUnicode_1BYTE_DATA(longer) + size, id, mark);
        put(state, Patient.seen_newest, longer);
        return 1;
    }
    PyObject *seen = AT(state, Patient.seen);
    Py_ssize_t older = PyUnicode_GET_LENGTH(seen), all = older + size + mark;
    /* `kept` is more than `newest_kept`: what is cut off is cut off the older ones. */
    Py_ssize_t cut = all > Rule.kept ? all - Rule.kept : 0;
    if (cut > older) return 0;
    PyObject *joined = PyUnicode_New(all - cut, 127), *none = PyUnicode_New(0, 0);
    if (joined == NULL || none == NULL) {
        Py_XDECREF(joined);
        Py_XDECREF(none);
        return 0;
    }
    char *to = (char *)PyUnicode_1BYTE_DATA(joined);
    memcpy(to, PyUnicode_1BYTE_DATA(seen) + cut, older - cut);
    memcpy(to + older - cut, PyUnicode_1BYTE_DATA(newest), size);
    memcpy(to + older - cut + size, id, mark);
    put(state, Patient.seen, joined);
    put(state, Patient.seen_newest, none);
    return 1;
}

/* What is found before anything is changed. */

typedef struct {
    PyObject *known, *baseline, *block;
    double value;
    int64_t since_us;
    int vital;
} Heard;

/* FLAGGED: quiet but for a simple limit, which makes an anomaly and changes nothing. */
enum { LOUD = 0, QUIET = 1, FLAGGED = 2, FAILED = -1 };

/* Whether a value lies inside the limits that may alarm. */
static int is_inside(PyObject *bands, int vital, double value) {
    PyObject *band = PyDict_GetItemWithError(bands, Vital[vital].name);
    double low, high, plain_low, plain_high;
    if (band == NULL) return PyErr_Occurred() ? FAILED : LOUD;
    if (!PyTuple_Check(band) || PyTuple_GET_SIZE(band) != 4 || !as_limit(PyTuple_GET_ITEM(band, 0), &low) ||
        !as_limit(PyTuple_GET_ITEM(band, 1), &high) || !as_limit(PyTuple_GET_ITEM(band, 2), &plain_low) ||
        !as_limit(PyTuple_GET_ITEM(band, 3), &plain_high))
        return LOUD;
    if (!(low < value && value < high && Vital[vital].lowest <= value && value <= Vital[vital].highest)) return LOUD;
    return plain_low <= value && value <= plain_high ? QUIET : FLAGGED;
}

/* `quiet.passes_quietly` and `passes_without_model`, as far as they look. */
static int is_quiet(PyObject *vitals, PyObject *bands, Heard *heard, int64_t at_us, int64_t number, int has_model) {
    int64_t before_us, open, count;
    double mean, sum;
    int inside = is_inside(bands, heard->vital, heard->value);
    if (inside != QUIET && inside != FLAGGED) return inside;
    PyObject *known = PyDict_GetItemWithError(vitals, Vital[heard->vital].name);
    if (known == NULL) return PyErr_Occurred() ? FAILED : LOUD;
    if (Py_TYPE(known) != Known.type) return LOUD;
    PyObject *watches = AT(known, Known.watches), *before = AT(known, Known.newest);
    PyObject *baseline = AT(known, Known.baseline), *block = AT(known, Known.block);
    if (watches == NULL || !PyDict_CheckExact(watches) || PyDict_GET_SIZE(watches) != 0) return LOUD;
    if (before == NULL || Py_TYPE(before) != New.type || !as_int(AT(before, New.at_us), &before_us) || at_us <= before_us) return LOUD;
    if (baseline == NULL || Py_TYPE(baseline) != Base.type || !as_int(AT(baseline, Base.readings), &count) ||
        !as_float(AT(baseline, Base.mean), &mean))
        return LOUD;
    heard->known = known;
    heard->baseline = baseline;
    heard->since_us = at_us - before_us;
    if (!has_model) return as_float(AT(baseline, Base.variance), &sum) && sum >= 0.0 ? inside : LOUD;
    if (block == NULL || Py_TYPE(block) != Blk.type || !as_int(AT(block, Blk.number), &open) || open != number) return LOUD;
    if (!as_float(AT(block, Blk.rest_sum), &sum) || !as_int(AT(block, Blk.rest_count), &count) || !as_float(AT(block, Blk.light_sum), &sum) ||
        !as_int(AT(block, Blk.light_count), &count) || !as_int(AT(block, Blk.other_count), &count))
        return LOUD;
    heard->block = block;
    double near = Vital[heard->vital].near, off = heard->value - mean;
    return -near < off && off < near ? inside : LOUD;
}

/* What is changed. */

/* `tracking.gather`. */
static int gather(const Heard *heard, int is_rest, int is_light) {
    PyObject *block = heard->block;
    double sum;
    if (is_rest || !Vital[heard->vital].at_rest_only)
        return as_float(AT(block, Blk.rest_sum), &sum) && put_float(block, Blk.rest_sum, sum + heard->value) &&
               count_one(block, Blk.rest_count);
    if (is_light && Vital[heard->vital].has_light)
        return as_float(AT(block, Blk.light_sum), &sum) && put_float(block, Blk.light_sum, sum + heard->value) &&
               count_one(block, Blk.light_count);
    return count_one(block, Blk.other_count);
}

/* `baseline.learn`: the same operations in the same order. */
static int learn(const Heard *heard) {
    PyObject *known = heard->baseline;
    int64_t readings;
    double mean, variance;
    if (!as_int(AT(known, Base.readings), &readings) || !as_float(AT(known, Base.mean), &mean) ||
        !as_float(AT(known, Base.variance), &variance))
        return 0;
    readings += 1;
    double weight = 1.0 / (double)readings;
    int64_t speaks_us = heard->since_us < Rule.speaks_for_us ? heard->since_us : Rule.speaks_for_us;
    double forgotten = (double)speaks_us / (double)Rule.memory_us;
    if (forgotten > weight) weight = forgotten;
    double step = heard->value - mean, surely = Rule.at_most_spreads * Vital[heard->vital].least;
    if (readings > Rule.enough_readings && !(-surely <= step && step <= surely)) {
        double spread = sqrt(variance);
        if (spread < Vital[heard->vital].least) spread = Vital[heard->vital].least;
        double reach = Rule.at_most_spreads * spread;
        if (step < -reach) step = -reach;
        if (step > reach) step = reach;
    }
    double change = weight * step;
    double grown = variance + change * step;
    return put_float(known, Base.variance, (1.0 - weight) * grown) && put_float(known, Base.mean, mean + change) &&
           put_int(known, Base.readings, readings);
}

/* The reading as the newest of a vital. Nobody else holds the one before: then it is written over, which nobody can see. */
static int put_newest(PyObject *known, PyObject *at_us, PyObject *lead_us, PyObject *id) {
    PyObject *before = AT(known, Known.newest);
    if (Py_REFCNT(before) == 1) {
        put(before, New.at_us, Py_NewRef(at_us));
        put(before, New.lead_us, Py_NewRef(lead_us));
        put(before, New.reading_id, Py_NewRef(id));
        return 1;
    }
    PyObject *now = PyObject_CallFunctionObjArgs((PyObject *)New.type, at_us, lead_us, id, NULL);
    if (now == NULL) return 0;
    put(known, Known.newest, now);
    return 1;
}

static int apply(PyObject *state, const Said *said, const Heard *heard, int is_newest, int has_model, int is_rest, int is_light) {
    int64_t heard_us, counted_us, readings;
    int done = 0;
    if (!as_int(AT(state, Patient.heard_us), &heard_us) || !as_int(AT(state, Patient.readings), &readings) ||
        !as_int(AT(state, Patient.counted_us), &counted_us))
        return 0;
    PyObject *at_us = PyLong_FromLongLong(said->measured_us), *lead_us = PyLong_FromLongLong(said->measured_us - said->received_us);
    PyObject *id = PyUnicode_New(said->id_size, 127);
    if (at_us == NULL || lead_us == NULL || id == NULL) goto end;
    memcpy(PyUnicode_1BYTE_DATA(id), said->id, said->id_size);
    if (said->received_us > heard_us) {
        if (!put_int(state, Patient.heard_us, said->received_us)) goto end;
        if (readings % Rule.every == 0 &&
            !(put_int(state, Patient.gap_us, (said->received_us - counted_us) / Rule.every) && put_int(state, Patient.counted_us, said->received_us)))
            goto end;
    }
    for (int n = 0; n < said->count; n++) {
        if (has_model) {
            if (!gather(&heard[n], is_rest, is_light) || !count_one(heard[n].baseline, Base.readings)) goto end;
        } else if (!learn(&heard[n]))
            goto end;
        if (!put_newest(heard[n].known, at_us, lead_us, id)) goto end;
    }
    if (is_newest) put(state, Patient.newest_us, Py_NewRef(at_us));
    done = put_int(state, Patient.readings, readings + 1) && remember(state, said->id);
end:
    Py_XDECREF(at_us);
    Py_XDECREF(lead_us);
    Py_XDECREF(id);
    return done;
}

static int ask(PyObject *question, PyObject *known, int64_t at_us, PyObject **answer) {
    PyObject *at = PyLong_FromLongLong(at_us);
    if (at == NULL) return 0;
    *answer = PyObject_CallFunctionObjArgs(question, known, at, NULL);
    Py_DECREF(at);
    return *answer != NULL;
}

/* One reading of somebody awake: QUIET or FLAGGED if it is taken, LOUD if nothing is touched. */
static int take(PyObject *state, const Said *said, PyObject *bands, int has_model) {
    Heard heard[VITALS];
    int64_t newest_us, offset_min, other;
    if (!as_int(AT(state, Patient.newest_us), &newest_us) || !as_int(AT(state, Patient.offset_min), &offset_min) ||
        !as_int(AT(state, Patient.heard_us), &other) || !as_int(AT(state, Patient.counted_us), &other) ||
        !as_int(AT(state, Patient.readings), &other) || other < 0 || !is_plain(AT(state, Patient.seen)) ||
        !is_plain(AT(state, Patient.seen_newest)) || AT(state, Patient.care) != Py_None || said->id_size < Rule.mark)
        return LOUD;
    int is_newest = said->measured_us > newest_us;
    if ((said->has_sequence || !is_newest) &&
        (was_seen(AT(state, Patient.seen_newest), said->id) || was_seen(AT(state, Patient.seen), said->id)))
        return LOUD;
    if (said->measured_us - said->received_us < -Rule.stale_us || (said->has_battery && said->battery_pct <= Rule.battery_low_pct))
        return LOUD;
    if (offset_min < -1440 || offset_min > 1440 || PyUnicode_GET_LENGTH(AT(state, Patient.seen_newest)) + Rule.mark > Rule.kept) return LOUD;
    int64_t local_us = said->measured_us + offset_min * Rule.minute_us;
    if (local_us < 0) return LOUD;
    PyObject *vitals = AT(state, Patient.vitals), *moved = AT(state, Patient.moved), *effort = AT(state, Patient.effort), *answer;
    int is_rest = 1, is_light = 0;
    if (vitals == NULL || moved == NULL || effort == NULL || !PyDict_CheckExact(vitals)) return LOUD;
    if (moved != Py_None) {
        if (!ask(Rule.is_at_rest, moved, said->measured_us, &answer)) return FAILED;
        int is_resting = answer == Py_True;
        Py_DECREF(answer);
        /* Soon after a step the slowest heart rate since is kept; few readings come then. */
        if (!is_resting) return LOUD;
    }
    if (effort != Py_None) {
        if (!ask(Rule.level, effort, said->measured_us, &answer)) return FAILED;
        is_rest = PyUnicode_CompareWithASCIIString(answer, "rest") == 0;
        is_light = PyUnicode_CompareWithASCIIString(answer, "light") == 0;
        Py_DECREF(answer);
    }
    int outcome = QUIET;
    for (int n = 0; n < said->count; n++) {
        heard[n].vital = said->vital[n];
        heard[n].value = said->value[n];
        int found = is_quiet(vitals, bands, &heard[n], said->measured_us, local_us / Rule.block_us, has_model);
        if (found != QUIET && found != FLAGGED) return found;
        if (found == FLAGGED) outcome = FLAGGED;
    }
    if (apply(state, said, heard, is_newest, has_model, is_rest, is_light)) return outcome;
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "a state changed under the quiet path");
    return FAILED;
}

/* Records on their way. A person's state is spread over twenty objects that nobody has touched for thousands of readings; to fetch them from
   memory one after the other, each once the one before has told where it lies, would cost more than all the rest. So records are read some
   places ahead, and what each will touch is asked for a step at a time. Asking changes nothing. */

enum { AHEAD = 16, SEE_STATE = 12, SEE_VITALS = 9, SEE_VITAL = 6, SEE_SUMS = 4, SEE_NUMBERS = 2 };

typedef struct {
    /* Held. `state` is NULL if the record isn't of somebody awake, or has another form. */
    PyObject *key, *value, *state;
    Said said;
    PyObject *known[VITALS];
} Coming;

static inline void see(const void *place) { __builtin_prefetch(place, 1); }

static void let_go(Coming *coming) {
    Py_CLEAR(coming->key);
    Py_CLEAR(coming->value);
    Py_CLEAR(coming->state);
}

static int look_at(PyObject *record, PyObject *awake, Coming *coming) {
    let_go(coming);
    coming->key = PyObject_GetAttr(record, str_key);
    coming->value = PyObject_GetAttr(record, str_value);
    if (coming->key == NULL || coming->value == NULL) return 0;
    if (!PyBytes_CheckExact(coming->key) || !PyBytes_CheckExact(coming->value)) return 1;
    const char *text = PyBytes_AS_STRING(coming->value);
    Said *said = &coming->said;
    if (!parse(text, text + PyBytes_GET_SIZE(coming->value), said) || said->user_size != PyBytes_GET_SIZE(coming->key) ||
        memcmp(said->user, PyBytes_AS_STRING(coming->key), said->user_size) != 0)
        return 1;
    coming->state = Py_XNewRef(PyDict_GetItemWithError(awake, coming->key));
    if (coming->state != NULL) see(coming->state);
    return !PyErr_Occurred();
}

static void see_state(Coming *coming) {
    if (Py_TYPE(coming->state) != Patient.type) {
        Py_CLEAR(coming->state);
        return;
    }
    see((char *)coming->state + 64);
    see((char *)coming->state + 128);
}

static void see_vitals(Coming *coming) {
    PyObject *state = coming->state, *newest = AT(state, Patient.seen_newest);
    see(AT(state, Patient.vitals));
    see(AT(state, Patient.newest_us));
    see(AT(state, Patient.readings));
    see(AT(state, Patient.heard_us));
    see(AT(state, Patient.counted_us));
    for (int line = 0; line < 6; line++) see((char *)newest + 64 * line);
}

static void see_vital(Coming *coming) {
    PyObject *vitals = AT(coming->state, Patient.vitals);
    for (int n = 0; n < coming->said.count; n++) {
        coming->known[n] = NULL;
        if (vitals == NULL || !PyDict_CheckExact(vitals)) continue;
        PyObject *known = PyDict_GetItemWithError(vitals, Vital[coming->said.vital[n]].name);
        if (known == NULL) PyErr_Clear();
        coming->known[n] = known;
        see(known);
        see((char *)known + 64);
    }
}

static void see_sums(Coming *coming) {
    for (int n = 0; n < coming->said.count; n++) {
        PyObject *known = coming->known[n];
        if (known == NULL || Py_TYPE(known) != Known.type) continue;
        see(AT(known, Known.newest));
        see(AT(known, Known.watches));
        see(AT(known, Known.baseline));
        see(AT(known, Known.block));
    }
}

static void see_numbers(Coming *coming) {
    for (int n = 0; n < coming->said.count; n++) {
        PyObject *known = coming->known[n];
        if (known == NULL || Py_TYPE(known) != Known.type) continue;
        PyObject *newest = AT(known, Known.newest), *baseline = AT(known, Known.baseline), *block = AT(known, Known.block);
        if (newest != NULL && Py_TYPE(newest) == New.type) {
            see(AT(newest, New.at_us));
            see(AT(newest, New.reading_id));
            see(AT(newest, New.lead_us));
        }
        if (baseline != NULL && Py_TYPE(baseline) == Base.type) {
            see(AT(baseline, Base.mean));
            see(AT(baseline, Base.variance));
            see(AT(baseline, Base.readings));
        }
        if (block != NULL && Py_TYPE(block) == Blk.type) {
            see(AT(block, Blk.rest_sum));
            see(AT(block, Blk.rest_count));
        }
    }
}

/* Each step of the way, by how many places before its turn. */
static const struct {
    int places;
    void (*see)(Coming *);
} STEPS[] = {{SEE_STATE, see_state}, {SEE_VITALS, see_vitals}, {SEE_VITAL, see_vital}, {SEE_SUMS, see_sums}, {SEE_NUMBERS, see_numbers}};

/* The bands that hold for a person; NULL without an error if they have to be worked out. */
static PyObject *bands_of(PyObject *state, PyObject *key, PyObject *everybody, PyObject *own) {
    PyObject *limits = everybody;
    if (AT(state, Patient.own_limits) != Py_None) limits = PyDict_GetItemWithError(own, key);
    if (limits == NULL || Py_TYPE(limits) != Lim.type) return NULL;
    PyObject *bands = AT(limits, Lim.bands);
    return bands != NULL && PyDict_CheckExact(bands) ? bands : NULL;
}

typedef struct {
    PyObject *records, *awake, *changed, *everybody, *own, *flagged;
    int has_model;
} Batch;

/* One record whose turn it is. */
static int take_next(const Batch *batch, Coming *coming, Py_ssize_t at) {
    if (coming->state == NULL) return LOUD;
    PyObject *bands = bands_of(coming->state, coming->key, batch->everybody, batch->own);
    if (bands == NULL) return PyErr_Occurred() ? FAILED : LOUD;
    int found = take(coming->state, &coming->said, bands, batch->has_model);
    if (found == LOUD || found == FAILED) return found;
    if (PyDict_SetItem(batch->changed, coming->key, coming->state) < 0) return FAILED;
    if (found == FLAGGED) {
        PyObject *place = PyLong_FromSsize_t(at);
        if (place == NULL || PyList_Append(batch->flagged, place) < 0) found = FAILED;
        Py_XDECREF(place);
    }
    return found;
}

/* How many the last call took: where nearly all is loud (people woken one by one), what was looked at ahead would be in vain. */
static Py_ssize_t lately = AHEAD;

static Py_ssize_t take_records(const Batch *batch, Py_ssize_t first) {
    Coming ring[AHEAD + 1] = {0};
    Py_ssize_t size = PyList_GET_SIZE(batch->records), at = first;
    int found = QUIET;
    for (int singly = lately < AHEAD / 4 ? AHEAD / 4 : 0; singly > 0 && at < size && found != LOUD && found != FAILED; singly--) {
        found = look_at(PyList_GET_ITEM(batch->records, at), batch->awake, &ring[0]) ? QUIET : FAILED;
        if (found == QUIET && ring[0].state != NULL && Py_TYPE(ring[0].state) != Patient.type) Py_CLEAR(ring[0].state);
        if (found == QUIET) found = take_next(batch, &ring[0], at);
        if (found == QUIET || found == FLAGGED) at++;
    }
    Py_ssize_t start = found == LOUD || found == FAILED ? size + AHEAD : at;
    for (Py_ssize_t turn = start - AHEAD; turn < size; turn++) {
        if (turn + AHEAD < size &&
            !look_at(PyList_GET_ITEM(batch->records, turn + AHEAD), batch->awake, &ring[(turn + AHEAD) % (AHEAD + 1)])) {
            found = FAILED;
            break;
        }
        for (size_t step = 0; step < sizeof STEPS / sizeof STEPS[0]; step++) {
            Py_ssize_t ahead = turn + STEPS[step].places;
            if (ahead >= start && ahead < size && ring[ahead % (AHEAD + 1)].state != NULL) STEPS[step].see(&ring[ahead % (AHEAD + 1)]);
        }
        if (turn < start) continue;
        at = turn;
        found = take_next(batch, &ring[turn % (AHEAD + 1)], turn);
        if (found == LOUD || found == FAILED) break;
        at = turn + 1;
    }
    for (int n = 0; n <= AHEAD; n++) let_go(&ring[n]);
    lately = at - first;
    return found == FAILED ? -1 : at;
}

PyDoc_STRVAR(run_doc, "run(records, start, awake, changed, limits, own, has_model, flagged)\n--\n\n"
                      "Takes records from `start` on while they are quiet; the place of the first that isn't (or their number). "
                      "Adds the places of those outside a simple limit to `flagged`.");

static PyObject *run(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count) {
    if (count != 8 || !PyList_CheckExact(arguments[0]) || !PyDict_CheckExact(arguments[2]) || !PyDict_CheckExact(arguments[3]) ||
        !PyDict_CheckExact(arguments[5]) || !PyList_CheckExact(arguments[7])) {
        PyErr_SetString(PyExc_TypeError, "run(list, int, dict, dict, Limits, dict, bool, list)");
        return NULL;
    }
    if (!is_prepared) {
        PyErr_SetString(PyExc_RuntimeError, "not prepared");
        return NULL;
    }
    Batch batch = {.records = arguments[0], .awake = arguments[2], .changed = arguments[3], .everybody = arguments[4],
                   .own = arguments[5], .has_model = PyObject_IsTrue(arguments[6]), .flagged = arguments[7]};
    Py_ssize_t start = PyLong_AsSsize_t(arguments[1]);
    if (start < 0 || batch.has_model < 0) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "start is below 0");
        return NULL;
    }
    Py_ssize_t at = take_records(&batch, start);
    return at < 0 ? NULL : PyLong_FromSsize_t(at);
}

/* Where things lie. */

static int slot(PyObject *type, const char *name, Py_ssize_t *place) {
    PyObject *found = PyObject_GetAttrString(type, name);
    if (found == NULL) return 0;
    int is_slot = Py_IS_TYPE(found, &PyMemberDescr_Type) && ((PyMemberDescrObject *)found)->d_member->type == T_OBJECT_EX;
    if (is_slot)
        *place = ((PyMemberDescrObject *)found)->d_member->offset;
    else
        PyErr_Format(PyExc_TypeError, "%s is no slot", name);
    Py_DECREF(found);
    return is_slot;
}

static int type_in(PyObject *rules, const char *name, PyTypeObject **type) {
    PyObject *found = PyDict_GetItemString(rules, name);
    if (found == NULL || !PyType_Check(found)) {
        PyErr_Format(PyExc_KeyError, "%s", name);
        return 0;
    }
    Py_INCREF(found);
    Py_XSETREF(*type, (PyTypeObject *)found);
    return 1;
}

static int number_in(PyObject *rules, const char *name, long long *number) {
    PyObject *found = PyDict_GetItemString(rules, name);
    if (found == NULL || !PyLong_Check(found)) {
        PyErr_Format(PyExc_KeyError, "%s", name);
        return 0;
    }
    *number = PyLong_AsLongLong(found);
    if (*number > 0) return 1;
    if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "%s is not above 0", name);
    return 0;
}

static int float_in(PyObject *rules, const char *name, double *number) {
    PyObject *found = PyDict_GetItemString(rules, name);
    if (found == NULL || !as_float(found, number)) {
        PyErr_Format(PyExc_KeyError, "%s", name);
        return 0;
    }
    return 1;
}

static int call_in(PyObject *rules, const char *name, PyObject **call) {
    PyObject *found = PyDict_GetItemString(rules, name);
    if (found == NULL || !PyCallable_Check(found)) {
        PyErr_Format(PyExc_KeyError, "%s", name);
        return 0;
    }
    Py_INCREF(found);
    Py_XSETREF(*call, found);
    return 1;
}

static int places(PyObject *rules) {
    PyObject *each;
    if (!type_in(rules, "PatientState", &Patient.type) || !type_in(rules, "VitalState", &Known.type) ||
        !type_in(rules, "Baseline", &Base.type) || !type_in(rules, "Block", &Blk.type) || !type_in(rules, "Newest", &New.type) ||
        !type_in(rules, "Limits", &Lim.type))
        return 0;
    each = (PyObject *)Patient.type;
    if (!slot(each, "seen", &Patient.seen) || !slot(each, "seen_newest", &Patient.seen_newest) ||
        !slot(each, "newest_us", &Patient.newest_us) || !slot(each, "readings", &Patient.readings) || !slot(each, "moved", &Patient.moved) ||
        !slot(each, "vitals", &Patient.vitals) || !slot(each, "own_limits", &Patient.own_limits) ||
        !slot(each, "heard_us", &Patient.heard_us) || !slot(each, "gap_us", &Patient.gap_us) ||
        !slot(each, "counted_us", &Patient.counted_us) || !slot(each, "care", &Patient.care) || !slot(each, "effort", &Patient.effort) ||
        !slot(each, "offset_min", &Patient.offset_min))
        return 0;
    each = (PyObject *)Known.type;
    if (!slot(each, "newest", &Known.newest) || !slot(each, "baseline", &Known.baseline) || !slot(each, "watches", &Known.watches) ||
        !slot(each, "block", &Known.block))
        return 0;
    each = (PyObject *)Base.type;
    if (!slot(each, "mean", &Base.mean) || !slot(each, "variance", &Base.variance) || !slot(each, "readings", &Base.readings) ||
        !slot(each, "since_us", &Base.since_us))
        return 0;
    each = (PyObject *)Blk.type;
    if (!slot(each, "number", &Blk.number) || !slot(each, "rest_sum", &Blk.rest_sum) || !slot(each, "rest_count", &Blk.rest_count) ||
        !slot(each, "light_sum", &Blk.light_sum) || !slot(each, "light_count", &Blk.light_count) ||
        !slot(each, "other_count", &Blk.other_count))
        return 0;
    each = (PyObject *)New.type;
    return slot(each, "at_us", &New.at_us) && slot(each, "lead_us", &New.lead_us) && slot(each, "reading_id", &New.reading_id) &&
           slot((PyObject *)Lim.type, "bands", &Lim.bands);
}

static int vitals_in(PyObject *vitals) {
    if (vitals == NULL || !PyTuple_Check(vitals) || PyTuple_GET_SIZE(vitals) != VITALS) {
        PyErr_SetString(PyExc_ValueError, "six vitals are expected");
        return 0;
    }
    for (int n = 0; n < VITALS; n++) {
        PyObject *name;
        const char *text;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(vitals, n), "Uddddpp", &name, &Vital[n].lowest, &Vital[n].highest, &Vital[n].near,
                              &Vital[n].least, &Vital[n].at_rest_only, &Vital[n].has_light))
            return 0;
        if ((text = PyUnicode_AsUTF8(name)) == NULL) return 0;
        Vital[n].text_size = PyOS_snprintf(Vital[n].text, sizeof Vital[n].text, ",\"%s\":", text);
        if (Vital[n].text_size >= (Py_ssize_t)sizeof Vital[n].text) {
            PyErr_SetString(PyExc_ValueError, "a vital's name is too long");
            return 0;
        }
        Py_INCREF(name);
        PyUnicode_InternInPlace(&name);
        Py_XSETREF(Vital[n].name, name);
    }
    return 1;
}

PyDoc_STRVAR(prepare_doc, "prepare(rules)\n--\n\nTakes the scorer's types, questions and numbers; TypeError if a field is no slot.");

static PyObject *prepare(PyObject *Py_UNUSED(module), PyObject *rules) {
    is_prepared = 0;
    if (!PyDict_Check(rules)) {
        PyErr_SetString(PyExc_TypeError, "a dict is expected");
        return NULL;
    }
    if (!places(rules) || !vitals_in(PyDict_GetItemString(rules, "vitals")) || !call_in(rules, "is_at_rest", &Rule.is_at_rest) ||
        !call_in(rules, "level", &Rule.level) || !number_in(rules, "minute_us", &Rule.minute_us) ||
        !number_in(rules, "block_us", &Rule.block_us) || !number_in(rules, "stale_us", &Rule.stale_us) ||
        !number_in(rules, "memory_us", &Rule.memory_us) || !number_in(rules, "speaks_for_us", &Rule.speaks_for_us) ||
        !number_in(rules, "enough_readings", &Rule.enough_readings) || !number_in(rules, "every", &Rule.every) ||
        !number_in(rules, "mark", &Rule.mark) || !number_in(rules, "newest_kept", &Rule.newest_kept) || !number_in(rules, "kept", &Rule.kept) ||
        !float_in(rules, "battery_low_pct", &Rule.battery_low_pct) || !float_in(rules, "at_most_spreads", &Rule.at_most_spreads))
        return NULL;
    if (Rule.kept < Rule.newest_kept) {
        PyErr_SetString(PyExc_ValueError, "kept is below newest_kept");
        return NULL;
    }
    is_prepared = 1;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"run", (PyCFunction)(void (*)(void))run, METH_FASTCALL, run_doc},
                                {"prepare", prepare, METH_O, prepare_doc},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_quiet", "The quiet path in C.", -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__quiet(void) {
    str_key = PyUnicode_InternFromString("key");
    str_value = PyUnicode_InternFromString("value");
    return str_key == NULL || str_value == NULL ? NULL : PyModule_Create(&definition);
}
