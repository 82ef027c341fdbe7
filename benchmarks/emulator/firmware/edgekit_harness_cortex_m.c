/* Cortex-M: vectors, start, semihosting, counter, watchdog, and what is told of a fault. */
#include "edgekit_harness.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define SCB_CCR 0xE000ED14u
#define SCB_SHCSR 0xE000ED24u
#define SCB_CFSR 0xE000ED28u
#define SCB_HFSR 0xE000ED2Cu
#define SCB_MMFAR 0xE000ED34u
#define SCB_BFAR 0xE000ED38u
#define SCB_CPACR 0xE000ED88u
#define CCR_UNALIGN_TRP (1u << 3)
#define CCR_DIV_0_TRP (1u << 4)
#define SHCSR_FAULTS (7u << 16)
#define MPU_CTRL 0xE000ED94u
#define MPU_RNR 0xE000ED98u
#define MPU_RBAR 0xE000ED9Cu
#define MPU_RASR 0xE000EDA0u
#define MPU_NO_ACCESS_32K (1u << 28 | 14u << 1 | 1u)
#define MPU_ENABLE_OVER_DEFAULT 5u
#define CPACR_FPU_AND_MVE (15u << 20)

/* FPGAIO of the MPS2 and MPS3 boards (Arm AN385, AN505, AN547). */
#define CLK1HZ REGISTER(HARNESS_FPGAIO + 0x10u)
#define COUNTER REGISTER(HARNESS_FPGAIO + 0x18u)

/* Watchdog of the Cortex-M System Design Kit (Arm DDI 0479): its interrupt is the NMI. */
#define WDOGLOAD REGISTER(HARNESS_WATCHDOG + 0x00u)
#define WDOGCONTROL REGISTER(HARNESS_WATCHDOG + 0x08u)
#define WDOGINTCLR REGISTER(HARNESS_WATCHDOG + 0x0Cu)
#define WDOG_INTEN 1u

enum { EXCEPTION_NMI = 2, HANDLER_STACK_WORDS = 512, THREAD_STACK_WORDS = 512 };

#if defined(__ARM_ARCH_8M_MAIN__) || defined(__ARM_ARCH_8_1M_MAIN__)
#define SET_STACK_LIMIT(reg) "msr psplim, " reg "\n"
#else
#define SET_STACK_LIMIT(reg)
#endif

static uint64_t handler_stack[HANDLER_STACK_WORDS / 2];
static uint64_t thread_stack[THREAD_STACK_WORDS / 2];
static uint32_t rounds_left;

void reset(void);
void fault(void);
void interrupted(uint32_t exc_return, const uint32_t *process, const uint32_t *main_stack);
void start(void);

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    (uintptr_t)(handler_stack + HANDLER_STACK_WORDS / 2),
    (uintptr_t)reset,
    (uintptr_t)fault, /* NMI */
    (uintptr_t)fault, /* HardFault */
    (uintptr_t)fault, /* MemManage */
    (uintptr_t)fault, /* BusFault */
    (uintptr_t)fault, /* UsageFault */
    (uintptr_t)fault, /* SecureFault */
    0,
    0,
    0,
    (uintptr_t)fault, /* SVCall */
    (uintptr_t)fault, /* DebugMonitor */
    0,
    (uintptr_t)fault, /* PendSV */
    (uintptr_t)fault, /* SysTick */
};

/* The thread gets a stack of its own, so that a fault finds one when the model's is used up. */
__attribute__((naked, used)) void reset(void) {
    __asm__ volatile(
        "ldr r0, =%c0\n"
        "msr psp, r0\n"
        "movs r0, #2\n"
        "msr control, r0\n"
        "isb\n"
        "ldr r0, =start\n"
        "bx r0\n"
        ".ltorg\n"
        :
        : "i"(thread_stack + THREAD_STACK_WORDS / 2));
}

#if defined(__ARM_ARCH_7M__) || defined(__ARM_ARCH_7EM__) || defined(__ARM_ARCH_6M__)
/* Forbids 32 KB below the stack, so that running over its end faults; Armv8-M has a limit. */
static void guard_stack(void) {
    REGISTER(MPU_RNR) = 0;
    REGISTER(MPU_RBAR) = (uintptr_t)harness_stack_bottom - 0x8000u;
    REGISTER(MPU_RASR) = MPU_NO_ACCESS_32K;
    REGISTER(MPU_CTRL) = MPU_ENABLE_OVER_DEFAULT;
}
#else
static void guard_stack(void) {
}
#endif

void start(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    REGISTER(SCB_CPACR) |= CPACR_FPU_AND_MVE;
#endif
    guard_stack();
    __asm__ volatile("dsb\nisb\n" ::: "memory");
    harness_open_report();
    edgekit_application_start();
    REGISTER(SCB_SHCSR) |= SHCSR_FAULTS;
    REGISTER(SCB_CCR) |= CCR_DIV_0_TRP;
#if defined(__ARM_ARCH_6M__)
    /* Armv6-M has no unaligned access; the Cortex-M3 that runs its code here does. */
    REGISTER(SCB_CCR) |= CCR_UNALIGN_TRP;
#endif
    COUNTER = 0;
    (void)harness_main();
}

__attribute__((naked, noinline)) int harness_call(int (*function)(void), void *stack_top,
                                                  void *stack_bottom) {
    (void)function;
    (void)stack_top;
    (void)stack_bottom;
    __asm__ volatile(
        "push {r4, lr}\n"
        "mov r4, sp\n"
        "mov sp, r1\n" SET_STACK_LIMIT("r2")
        "blx r0\n"
        "movs r1, #0\n" SET_STACK_LIMIT("r1")
        "mov sp, r4\n"
        "pop {r4, pc}\n");
}

__attribute__((naked, noinline)) int harness_nothing(void) {
    __asm__ volatile("movs r0, #0\nbx lr\n");
}

__attribute__((naked, noinline)) int harness_known(void) {
    __asm__ volatile(
        ".syntax unified\n"
        "movs r0, #0\n"
        "movs r1, #250\n"
        "1: subs r1, #1\n"
        "bne 1b\n"
        "bx lr\n");
}

__attribute__((naked, noinline)) intptr_t harness_semihost(uintptr_t operation,
                                                           const void *argument) {
    (void)operation;
    (void)argument;
    __asm__ volatile("bkpt 0xAB\nbx lr\n");
}

harness_moment harness_now(void) {
    harness_moment now;
    now.fine = COUNTER;
    now.coarse = CLK1HZ;
    return now;
}

void harness_watch(void) {
    rounds_left = HARNESS_WATCHDOG_ROUNDS;
    WDOGLOAD = HARNESS_WATCHDOG_LOAD;
    WDOGINTCLR = 1;
    WDOGCONTROL = WDOG_INTEN;
}

__attribute__((naked, used)) void fault(void) {
    __asm__ volatile(
        "mov r0, lr\n"
        "mrs r1, psp\n"
        "mrs r2, msp\n"
        "ldr r3, =interrupted\n"
        "bx r3\n"
        ".ltorg\n");
}

static int inside(const uint32_t *frame, const void *low, const void *high) {
    return (uintptr_t)frame >= (uintptr_t)low && (uintptr_t)(frame + 8) <= (uintptr_t)high;
}

__attribute__((used)) void interrupted(uint32_t exc_return, const uint32_t *process,
                                       const uint32_t *main_stack) {
    const uint32_t *frame = (exc_return & 4u) ? process : main_stack;
    uint32_t exception;
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    if (exception == EXCEPTION_NMI && rounds_left-- != 0u) {
        WDOGINTCLR = 1;
        return;
    }
    harness_say(exception == EXCEPTION_NMI ? "hang\n" : "fault\n");
    harness_say_number("exception", exception);
    harness_say_number("layer", harness_layer);
    harness_say_number("sp", (uintptr_t)frame);
    harness_say_number("cfsr", REGISTER(SCB_CFSR));
    harness_say_number("hfsr", REGISTER(SCB_HFSR));
    harness_say_number("mmfar", REGISTER(SCB_MMFAR));
    harness_say_number("bfar", REGISTER(SCB_BFAR));
    if (inside(frame, harness_stack_bottom, harness_stack_top) ||
        inside(frame, thread_stack, thread_stack + THREAD_STACK_WORDS / 2) ||
        inside(frame, handler_stack, handler_stack + HANDLER_STACK_WORDS / 2)) {
        harness_say_number("lr", frame[5]);
        harness_say_number("pc", frame[6]);
        harness_say_number("xpsr", frame[7]);
    }
    harness_exit();
}
