traps.o: xen/cpu/traps.c xen/include/hv/asm.h \
  passthrough/include/pt/compiler.h xen/include/hv/descriptors.h \
  xen/include/hv/layout.h xen/include/hv/regs.h xen/include/hv/types.h \
  passthrough/include/pt/types.h xen/include/hv/log.h \
  xen/include/hv/panic.h

xen/include/hv/asm.h:

passthrough/include/pt/compiler.h:

xen/include/hv/descriptors.h:

xen/include/hv/layout.h:

xen/include/hv/regs.h:

xen/include/hv/types.h:

passthrough/include/pt/types.h:

xen/include/hv/log.h:

xen/include/hv/panic.h:
