// SPDX-License-Identifier: MIT
// Powers of values that are split into a large and a small part.
#include "codegen/values/values.h"

// 1/f = F - F f'/f where F is 1 or -1, f = F + f'
static sdp_parts inverse_parts(sdp_schedule *s, sdp_parts p)
{
    sdp_val inverse = sdp_value_power(s, p.whole, -1),
            size = sdp_value_times(s, SDP_NUM_ONE, 2, (sdp_val[]){p.large, p.large});
    sdp_val rest = sdp_value_times(s, SDP_NUM_MINUS_ONE, 3, (sdp_val[]){p.large, p.small, inverse});
    return (sdp_parts){inverse, p.large, sdp_value_where(s, size, rest, inverse)};
}

// f^k = F^k + f' (f^(k-1) + f^(k-2) F + ... + F^(k-1))
sdp_parts sdp_power_parts(sdp_schedule *s, sdp_parts p, long k)
{
    if (k < 0) p = inverse_parts(s, p), k = -k;
    if (k == 1) return p;
    sdp_val term[SDP_MOST_SPLIT], f[SDP_MOST_SPLIT];
    sdp_num one[SDP_MOST_SPLIT];
    for (long i = 0; i < k; i++) {
        for (long j = 0; j < k - 1; j++) f[j] = j < i ? p.large : p.whole;
        term[i] = sdp_value_times(s, SDP_NUM_ONE, (uint32_t)(k - 1), f);
        one[i] = SDP_NUM_ONE;
    }
    sdp_val small[2] = {p.small, sdp_value_sum(s, (uint32_t)k, one, term)};
    return (sdp_parts){sdp_value_power(s, p.whole, k), sdp_value_power(s, p.large, k),
                       sdp_value_times(s, SDP_NUM_ONE, 2, small)};
}
