// SPDX-License-Identifier: MIT
// Inside check.c and compare.c: the state of one check.
#ifndef SDP_CHECKER_H
#define SDP_CHECKER_H

#include <math.h>

#include "runtime/check/differences.h"

typedef struct {
    sdp_site at; // signature of everything: values, lower derivatives, answers, directions
    const sdp_check_request *q;
    const struct sd_result *r;
    sd_check_report *out;
    double scale, error;    // of the entry being compared: largest numbers, largest difference error
    double noise;           // what rounding of the values alone does to their differences
    double step;            // the shortest of these differences
    double excess;          // largest error that this noise does not explain, relative
    double rounding;        // largest number in an answer that is 0 but for rounding
    size_t compared, kinks; // entries
    const char *reason;     // why the last point does not count
    bool doubtful;          // a point was ill-conditioned: look at that first
    // the point is given: kinks there are studied and told by themselves (kink.c), if there are few entries
    bool given;
} checker;

// compare.c: one answer that is d base / d v, or that is contracted with a direction; false: c->reason says
// why there are no numbers
bool sdp_check_plain(checker *c, const sdp_entry *e, sdp_id base, uint32_t var);
bool sdp_check_along(checker *c, const sdp_entry *e, sdp_id base, uint32_t from, uint32_t to);
double *sdp_check_values(checker *c,
                         sdp_id id); // of a node at the point, in scratch; NULL if it has none there
// how far rounding moves the values of a node; *size: the largest of them
double sdp_check_spread(const checker *c, sdp_id id, double *size);

#endif
