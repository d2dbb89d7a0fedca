percpu.o: xen/cpu/percpu.c xen/include/hv/percpu.h xen/include/hv/types.h \
  passthrough/include/pt/types.h passthrough/include/pt/compiler.h

xen/include/hv/percpu.h:

xen/include/hv/types.h:

passthrough/include/pt/types.h:

passthrough/include/pt/compiler.h:
