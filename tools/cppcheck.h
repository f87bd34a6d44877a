/* Macros of system headers that cppcheck must know; it reads this first. */
#include </usr/include/x86_64-linux-gnu/sys/queue.h>
#define json_object_foreach(o, k, v)                                           \
	for (k = json_first(o, &v); k != 0; k = json_next(o, k, &v))
#define json_array_foreach(a, i, v)                                            \
	for (i = 0; i < json_array_size(a) && (v = json_array_get(a, i)); i++)
#define mem_move(p) mem_moved(p)
