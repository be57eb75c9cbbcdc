// SPDX-License-Identifier: MIT
// The kinds of tokens that begin an operand, end one, or want one on their right.
#include "grammar/tokens.h"

#include "parser.h"

enum { BEGINS = 1, ENDS = 2, WANTS = 4 }; // begins or ends an operand; wants an operand on its right

static const uint8_t traits[] = {
    [T_NUMBER] = BEGINS | ENDS,
    [T_NAME] = BEGINS | ENDS,
    [T_STRING] = BEGINS | ENDS,
    [T_LPAREN] = BEGINS | WANTS,
    [T_RPAREN] = ENDS,
    [T_LBRACKET] = BEGINS | WANTS,
    [T_RBRACKET] = ENDS,
    [T_BAR_OPEN] = BEGINS | WANTS,
    [T_BAR_CLOSE] = ENDS,
    [T_LBRACE] = BEGINS | WANTS,
    [T_RBRACE] = ENDS,
    [T_IF] = WANTS,
    [T_TRANSPOSE] = ENDS,
    [T_SUPERSCRIPT] = ENDS,
    [T_NABLA] = BEGINS | WANTS,
    [T_NABLA2] = BEGINS | WANTS,
    [T_NOT] = BEGINS | WANTS,
    [T_ROOT] = BEGINS | WANTS,
    [T_SUM] = BEGINS,
    [T_BIND] = BEGINS | WANTS,
    [T_COMMA] = WANTS,
    [T_COLON] = WANTS,
    [T_ASSIGN] = WANTS,
    [T_ARROW] = WANTS,
    [T_WHERE] = WANTS,
    [T_PLUS] = WANTS,
    [T_MINUS] = WANTS,
    [T_TIMES] = WANTS,
    [T_POWER] = WANTS,
    [T_RPOWER] = WANTS,
    [T_KEYWORD] = WANTS,
    [T_FIELD] = ENDS,
    [T_COMPARE] = WANTS,
    [T_AND] = WANTS,
    [T_OR] = WANTS,
};

static bool has(int kind, int trait) { return (size_t)kind < sizeof traits && (traits[kind] & trait); }
bool sdp_token_begins_operand(int kind) { return has(kind, BEGINS); }
bool sdp_token_ends_operand(int kind) { return has(kind, ENDS); }
bool sdp_token_wants_operand(int kind) { return has(kind, WANTS); }
