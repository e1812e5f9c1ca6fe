/* marks.h - how a worker tells the harness where the measured part begins and ends (worker.py keeps the time). */
#ifndef MARKS_H
#define MARKS_H

/* Write a line on standard output and wait for one on standard input: the harness reads clocks and memory meanwhile. */
void mark_begin(const char *name);
void mark_end(const char *name);

#endif
