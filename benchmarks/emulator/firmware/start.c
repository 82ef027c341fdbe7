/* What every firmware does first: initial values to RAM, zeros to the rest. */
#include "harness.h"

extern uint32_t application_data_start[];
extern uint32_t application_data_end[];
extern const uint32_t application_data_source[];
extern uint32_t application_bss_start[];
extern uint32_t application_bss_end[];

void application_start(void) {
    const uint32_t *source = application_data_source;
    for (uint32_t *word = application_data_start; word < application_data_end; ++word) {
        *word = *source++;
    }
    for (uint32_t *word = application_bss_start; word < application_bss_end; ++word) {
        *word = 0;
    }
}
