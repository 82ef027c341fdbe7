/* What every firmware does first: initial values to RAM, zeros to the rest. */
#include "edgekit_harness.h"

extern uint32_t edgekit_application_data_start[];
extern uint32_t edgekit_application_data_end[];
extern const uint32_t edgekit_application_data_source[];
extern uint32_t edgekit_application_bss_start[];
extern uint32_t edgekit_application_bss_end[];

void edgekit_application_start(void) {
    const uint32_t *source = edgekit_application_data_source;
    for (uint32_t *word = edgekit_application_data_start; word < edgekit_application_data_end; ++word) {
        *word = *source++;
    }
    for (uint32_t *word = edgekit_application_bss_start; word < edgekit_application_bss_end; ++word) {
        *word = 0;
    }
}
