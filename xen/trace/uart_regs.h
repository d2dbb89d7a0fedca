/* SPDX-License-Identifier: GPL-2.0-only */
/* 16550 registers. Source: TL16C550D data sheet, table 3 "Summary of accessible registers". */
#ifndef UART_REGS_H
#define UART_REGS_H

#define UART_RBR	      0 /* receive buffer (read), LCR.DLAB = 0 */
#define UART_THR	      0 /* transmit holding (write), LCR.DLAB = 0 */
#define UART_DLL	      0 /* divisor, low byte, LCR.DLAB = 1 */
#define UART_IER	      1 /* interrupt enable, LCR.DLAB = 0 */
#define UART_IER_RX	      0x01
#define UART_DLM	      1 /* divisor, high byte, LCR.DLAB = 1 */
#define UART_FCR	      2 /* FIFO control (write) */
#define UART_FCR_ENABLE	      0x01
#define UART_FCR_CLEAR_RX     0x02
#define UART_FCR_CLEAR_TX     0x04
#define UART_FCR_TRIGGER_14   0xc0
#define UART_IIR	      2 /* interrupt identification (read) */
#define UART_IIR_FIFO	      0xc0
#define UART_LCR	      3 /* line control */
#define UART_LCR_STOP_2	      0x04
#define UART_LCR_PARITY_SHIFT 3
#define UART_LCR_DLAB	      0x80
#define UART_MCR	      4 /* modem control */
#define UART_MCR_DTR	      0x01
#define UART_MCR_RTS	      0x02
#define UART_MCR_OUT2	      0x08 /* gates the interrupt on PCs */
#define UART_MCR_LOOP	      0x10
#define UART_LSR	      5 /* line status */
#define UART_LSR_DR	      0x01
#define UART_LSR_THRE	      0x20
#define UART_MSR	      6
#define UART_SCR	      7 /* scratch */
#define UART_REGS	      8

#define UART_FIFO_BYTES 16

#endif
