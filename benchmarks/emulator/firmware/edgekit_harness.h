/* What the parts of the test firmware know of each other. None of it is part of a product. */
#ifndef EDGEKIT_HARNESS_H
#define EDGEKIT_HARNESS_H

#include <stddef.h>
#include <stdint.h>

/* A moment: a counter of 32 bits, and a slow one that tells how often it went round. */
typedef struct {
    uint32_t fine;
    uint32_t coarse;
} harness_moment;

/* edgekit_application.c: the few lines that a firmware writes around a model. */
int edgekit_application_init(void);
void *edgekit_application_input(size_t index);
int edgekit_application_invoke(void);
const void *edgekit_application_output(size_t index);

/* edgekit_start.c */
void edgekit_application_start(void);

/* edgekit_harness_configuration.c: made for the model. */
extern const uint32_t harness_input_count;
extern const uint32_t harness_output_count;
extern const uint32_t harness_layer_count;
extern const uint32_t harness_input_bytes[];
extern const uint32_t harness_output_bytes[];
extern harness_moment harness_layer_moments[];

/* edgekit_harness_cortex_m.c, edgekit_harness_riscv.c: what differs between the machines. */
harness_moment harness_now(void);
int harness_call(int (*function)(void), void *stack_top, void *stack_bottom);
int harness_nothing(void); /* executes 2 instructions */
int harness_known(void);   /* executes 503 instructions */
void harness_watch(void);
intptr_t harness_semihost(uintptr_t operation, const void *argument);

/* edgekit_harness.c */
void harness_open_report(void);
int harness_main(void);
void harness_say(const char *word);
void harness_say_number(const char *key, uintptr_t value);
_Noreturn void harness_exit(void);
extern volatile uint32_t harness_layer;

/* link.ld.in */
extern uint32_t harness_stack_bottom[];
extern uint32_t harness_stack_top[];

#endif
