/* Feeds a model from a file on the host, and writes what it answers and when to another. */
#include "edgekit_harness.h"

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT = 0x18 };
enum { MODE_READ_BINARY = 1, MODE_WRITE_BINARY = 5 };
enum { STOPPED_APPLICATION_EXIT = 0x20026 };

#define PAINT 0xA5C3E187u

volatile uint32_t harness_layer;

static intptr_t report;

static size_t length(const char *text) {
    size_t count = 0;
    while (text[count] != '\0') {
        ++count;
    }
    return count;
}

static intptr_t open_file(const char *name, uintptr_t mode) {
    const uintptr_t block[3] = {(uintptr_t)name, mode, length(name)};
    return harness_semihost(SYS_OPEN, block);
}

/* Returns how many bytes were not read. */
static size_t read_file(intptr_t file, void *data, size_t size) {
    const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)data, size};
    return (size_t)harness_semihost(SYS_READ, block);
}

static void write_file(intptr_t file, const void *data, size_t size) {
    const uintptr_t block[3] = {(uintptr_t)file, (uintptr_t)data, size};
    (void)harness_semihost(SYS_WRITE, block);
}

void harness_say(const char *word) {
    write_file(report, word, length(word));
}

void harness_say_number(const char *key, uintptr_t value) {
    char text[13] = " 0x00000000\n";
    for (int digit = 10; digit > 2; --digit) {
        text[digit] = "0123456789abcdef"[value & 15u];
        value >>= 4;
    }
    harness_say(key);
    harness_say(text);
}

_Noreturn void harness_exit(void) {
#if __riscv
    const uintptr_t block[2] = {STOPPED_APPLICATION_EXIT, 0};
    (void)harness_semihost(SYS_EXIT, (const void *)block[0]);
#else
    (void)harness_semihost(SYS_EXIT, (const void *)STOPPED_APPLICATION_EXIT);
#endif
    for (;;) {
    }
}

/* The library calls it by the name of the model: the build renames it. */
void harness_on_layer(uint16_t index) {
    if (index <= harness_layer_count) {
        harness_layer = index;
        harness_layer_moments[index] = harness_now();
    }
}

static __attribute__((noinline)) int timed(int (*function)(void), harness_moment moments[2]) {
    moments[0] = harness_now();
    const int status = harness_call(function, harness_stack_top, harness_stack_bottom);
    moments[1] = harness_now();
    return status;
}

/* What measuring itself costs: a call of nothing, and two layers with nothing between them. And a
 * loop of known length, by which the host sees that it reads the counter rightly. */
static void write_overhead(intptr_t outputs) {
    harness_moment moments[2];
    (void)timed(harness_nothing, moments);
    write_file(outputs, moments, sizeof moments);
    (void)timed(harness_known, moments);
    write_file(outputs, moments, sizeof moments);
    if (harness_layer_count != 0u) {
        harness_on_layer(0);
        harness_on_layer(1);
    }
    write_file(outputs, harness_layer_moments, 2u * sizeof(harness_moment));
}

static void paint_stack(void) {
    for (uint32_t *word = harness_stack_bottom; word < harness_stack_top; ++word) {
        *word = PAINT;
    }
}

static size_t stack_used(void) {
    const uint32_t *word = harness_stack_bottom;
    while (word < harness_stack_top && *word == PAINT) {
        ++word;
    }
    return (size_t)((const char *)harness_stack_top - (const char *)word);
}

static void require_ok(const char *where, int status) {
    if (status != 0) {
        harness_say_number(where, (uintptr_t)status);
        harness_exit();
    }
}

/* Returns whether there was another sample. */
static int read_inputs(intptr_t inputs) {
    for (uint32_t index = 0; index < harness_input_count; ++index) {
        const size_t size = harness_input_bytes[index];
        if (read_file(inputs, edgekit_application_input(index), size) != 0u) {
            return 0;
        }
    }
    return 1;
}

void harness_open_report(void) {
    report = open_file("report.txt", MODE_WRITE_BINARY);
}

int harness_main(void) {
    const intptr_t inputs = open_file("inputs.bin", MODE_READ_BINARY);
    const intptr_t outputs = open_file("outputs.bin", MODE_WRITE_BINARY);
    paint_stack();
    harness_watch();
    require_ok("init", harness_call(edgekit_application_init, harness_stack_top, harness_stack_bottom));
    write_overhead(outputs);
    while (read_inputs(inputs)) {
        harness_moment moments[2];
        harness_watch();
        require_ok("invoke", timed(edgekit_application_invoke, moments));
        write_file(outputs, moments, sizeof moments);
        write_file(outputs, harness_layer_moments,
                   harness_layer_count ? (harness_layer_count + 1u) * sizeof(harness_moment) : 0u);
        for (uint32_t index = 0; index < harness_output_count; ++index) {
            write_file(outputs, edgekit_application_output(index), harness_output_bytes[index]);
        }
    }
    harness_say_number("stack", stack_used());
    harness_say("done\n");
    harness_exit();
}
