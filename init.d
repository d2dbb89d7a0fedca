init.o: xen/start/init.c xen/include/hv/asm.h \
  passthrough/include/pt/compiler.h xen/include/hv/init.h \
  xen/include/hv/types.h passthrough/include/pt/types.h

xen/include/hv/asm.h:

passthrough/include/pt/compiler.h:

xen/include/hv/init.h:

xen/include/hv/types.h:

passthrough/include/pt/types.h:
