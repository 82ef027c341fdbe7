/* RISC-V (RV32, machine mode): start, semihosting, counter, timer, and what is told of a trap. */
#include "edgekit_harness.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* Core-local interruptor of QEMU's machine "virt", laid out as SiFive's. */
#define MTIMECMP (HARNESS_CLINT + 0x4000u)
#define MTIME (HARNESS_CLINT + 0xBFF8u)
#define TIMER_INTERRUPT 0x80000007u
#define TIMER_ENABLE (1u << 7)
#define INTERRUPTS_ENABLE (1u << 3)
#define PMP_LOCKED_BELOW_NEXT 0x88u /* L, A = TOR, no permission */

enum { STACK_BYTES = 2048 };

static uint8_t trap_stack[STACK_BYTES] __attribute__((aligned(16), used));
static uint8_t thread_stack[STACK_BYTES] __attribute__((aligned(16), used));

void reset(void);
void trap(void);
void start(void);
void trapped(uint32_t ra, uint32_t sp);

__attribute__((naked, used, section(".vectors"))) void reset(void) {
    __asm__ volatile(
        ".option push\n.option norelax\nla gp, __global_pointer$\n.option pop\n"
        "la sp, thread_stack + 2048\n"
        "la t0, trap_stack + 2048\n"
        "csrw mscratch, t0\n"
        "la t0, trap\n"
        "csrw mtvec, t0\n"
        "call start\n");
}

/* Locks 256 MB below the stack, so that running over its end traps. */
static void guard_stack(void) {
    const uintptr_t bottom = (uintptr_t)harness_stack_bottom;
    __asm__ volatile("csrw pmpaddr0, %0\ncsrw pmpaddr1, %1\ncsrw pmpcfg0, %2"
                     :
                     : "r"((bottom - 0x10000000u) >> 2), "r"(bottom >> 2),
                       "r"(PMP_LOCKED_BELOW_NEXT << 8));
}

void start(void) {
    harness_open_report();
    guard_stack();
    edgekit_application_start();
    harness_watch(); /* after a reset the timer is due at once */
    __asm__ volatile("csrs mie, %0\ncsrs mstatus, %1\n"
                     :
                     : "r"(TIMER_ENABLE), "r"(INTERRUPTS_ENABLE));
    (void)harness_main();
}

__attribute__((naked, noinline)) int harness_call(int (*function)(void), void *stack_top,
                                                  void *stack_bottom) {
    (void)function;
    (void)stack_top;
    (void)stack_bottom;
    __asm__ volatile(
        "addi sp, sp, -16\n"
        "sw ra, 12(sp)\n"
        "sw s0, 8(sp)\n"
        "mv s0, sp\n"
        "mv sp, a1\n"
        "jalr a0\n"
        "mv sp, s0\n"
        "lw ra, 12(sp)\n"
        "lw s0, 8(sp)\n"
        "addi sp, sp, 16\n"
        "ret\n");
}

__attribute__((naked, noinline)) int harness_nothing(void) {
    __asm__ volatile("li a0, 0\nret\n");
}

__attribute__((naked, noinline)) int harness_known(void) {
    __asm__ volatile(
        "li a0, 0\n"
        "li a1, 250\n"
        "1: addi a1, a1, -1\n"
        "bnez a1, 1b\n"
        "ret\n");
}

/* The three instructions must lie in one page and must not be compressed. */
__attribute__((naked, noinline, aligned(16))) intptr_t harness_semihost(uintptr_t operation,
                                                                        const void *argument) {
    (void)operation;
    (void)argument;
    __asm__ volatile(
        ".option push\n.option norvc\n"
        "slli zero, zero, 0x1f\n"
        "ebreak\n"
        "srai zero, zero, 7\n"
        ".option pop\n"
        "ret\n");
}

harness_moment harness_now(void) {
    harness_moment now;
    uint32_t again;
    do {
        __asm__ volatile("csrr %0, minstreth\ncsrr %1, minstret\ncsrr %2, minstreth"
                         : "=&r"(now.coarse), "=&r"(now.fine), "=&r"(again));
    } while (again != now.coarse);
    return now;
}

void harness_watch(void) {
    const uint64_t now = ((uint64_t)REGISTER(MTIME + 4u) << 32) | REGISTER(MTIME);
    const uint64_t end = now + HARNESS_TIMER_TICKS;
    REGISTER(MTIMECMP + 4u) = UINT32_MAX;
    REGISTER(MTIMECMP) = (uint32_t)end;
    REGISTER(MTIMECMP + 4u) = (uint32_t)(end >> 32);
}

__attribute__((naked, used, aligned(4))) void trap(void) {
    __asm__ volatile(
        "csrrw sp, mscratch, sp\n"
        "mv a0, ra\n"
        "csrr a1, mscratch\n"
        "call trapped\n");
}

__attribute__((used)) void trapped(uint32_t ra, uint32_t sp) {
    uint32_t cause;
    uint32_t pc;
    uint32_t value;
    __asm__ volatile("csrr %0, mcause\ncsrr %1, mepc\ncsrr %2, mtval"
                     : "=r"(cause), "=r"(pc), "=r"(value));
    harness_say(cause == TIMER_INTERRUPT ? "hang\n" : "fault\n");
    harness_say_number("layer", harness_layer);
    harness_say_number("mcause", cause);
    harness_say_number("mtval", value);
    harness_say_number("sp", sp);
    harness_say_number("lr", ra);
    harness_say_number("pc", pc);
    harness_exit();
}
