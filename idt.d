idt.o: xen/cpu/idt.c xen/include/hv/descriptors.h xen/include/hv/layout.h \
  xen/include/hv/regs.h passthrough/include/pt/compiler.h \
  xen/include/hv/types.h passthrough/include/pt/types.h

xen/include/hv/descriptors.h:

xen/include/hv/layout.h:

xen/include/hv/regs.h:

passthrough/include/pt/compiler.h:

xen/include/hv/types.h:

passthrough/include/pt/types.h:
