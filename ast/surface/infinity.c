// SPDX-License-Identifier: MIT
// inf is a symbol, and symbols cancel: where it meets itself or 0 in arithmetic there
// may be no value. It is for bounds.
#include "ast/surface/terms.h"

// Called for each term after its arguments. infinite: by term, is it inf or made of it?
void sdp_refuse_lost_infinity(sdp_terms *w, const bool *absorbed, bool *infinite, uint32_t i)
{
    static const uint16_t arithmetic[] = {SDP_OP_neg,  SDP_OP_add,  SDP_OP_sub,  SDP_OP_emul,
                                          SDP_OP_ediv, SDP_OP_mul,  SDP_OP_div,  SDP_OP_pow,
                                          SDP_OP_pow_, SDP_OP_epow, SDP_OP_sqrt, SDP_OP_square};
    const sdp_term *t = &w->t[i];
    bool passes = false, zero = false,
         product = t->op != SDP_OP_add && t->op != SDP_OP_sub && t->op != SDP_OP_div && t->op != SDP_OP_ediv;
    uint32_t met = 0;
    for (size_t k = 0; t->kind == SYN_CALL && k < sizeof arithmetic / sizeof *arithmetic; k++)
        passes |= t->op == arithmetic[k];
    if (t->kind == SYN_NAME) infinite[i] = t->op == SDP_OP_inf;
    for (uint32_t k = 0; passes && k < t->nargs; k++) {
        met += infinite[t->arg[k]];
        zero |= !absorbed[t->arg[k]] && sdp_is_zero(w->g, w->t[t->arg[k]].node);
    }
    if (met > 1 || (met && zero && product))
        sdp_fail(&w->g->base, SD_ERR_DOMAIN, t->span,
                 "inf is read as a bound: max(x,-inf), where(x<inf,x,1), norm(x,inf)",
                 "inf meets %s here: there may be no value", met > 1 ? "inf" : "0");
    if (met) infinite[i] = true;
}
