// SPDX-License-Identifier: MIT
// The commands of LaTeX that a formula may have, one row each; all others are refused by name.
//
// A row says which token a command is, or names the function here that reads what follows. Names of functions
// are texts: the operator table gives them their meaning. To add a command: a row.
#include "grammar/latex.h"

#include <string.h>

typedef enum {
    C_TOKEN,    // kind, text
    C_FUNCTION, // text
    C_NOTHING,  // spaces and styles
    C_ARGUMENT, // dropped with its argument: \label{..}
    C_GROUP,    // the argument stays: \boxed{..}
    C_LIMITS,   // and what is below or above goes: \underbrace{..}_{..}
    C_SIZE,     // \left, \bigl
    C_FRACTION,
    C_BINOMIAL,
    C_ROOT,
    C_NABLA,
    C_BEGIN,
    C_END,
    C_OPTIMUM,
    C_ARG,
    C_ONES,
    C_STACKED,
    C_INDEX,   // \sum: text is what it is called
    C_NOT_READ // refused by name: text says why
} command_class;

typedef struct {
    const char *name;
    command_class what;
    int kind;
    const char *text;
} command;

#define TOKEN(name, kind, text)                                                                              \
    {                                                                                                        \
        name, C_TOKEN, T_##kind, text                                                                        \
    }
#define FUNCTION(name, text)                                                                                 \
    {                                                                                                        \
        name, C_FUNCTION, 0, text                                                                            \
    }
#define OTHER(name, what)                                                                                    \
    {                                                                                                        \
        name, what, 0, ""                                                                                    \
    }
#define NOT_READ(name, text)                                                                                 \
    {                                                                                                        \
        name, C_NOT_READ, 0, text                                                                            \
    }

static const command commands[] = {
    TOKEN("cdot", TIMES, "*"),
    TOKEN("times", TIMES, "*"),
    TOKEN("ast", TIMES, "*"),
    TOKEN("odot", TIMES, ".*"),
    TOKEN("circ", TIMES, ".*"),
    TOKEN("oslash", TIMES, "./"),
    TOKEN("div", TIMES, "/"),
    TOKEN("otimes", TIMES, "kron"),
    TOKEN("le", COMPARE, "<="),
    TOKEN("leq", COMPARE, "<="),
    TOKEN("leqslant", COMPARE, "<="),
    TOKEN("ge", COMPARE, ">="),
    TOKEN("geq", COMPARE, ">="),
    TOKEN("geqslant", COMPARE, ">="),
    TOKEN("ne", COMPARE, "!="),
    TOKEN("neq", COMPARE, "!="),
    TOKEN("lt", COMPARE, "<"),
    TOKEN("gt", COMPARE, ">"),
    TOKEN("land", AND, "&"),
    TOKEN("wedge", AND, "&"),
    TOKEN("lor", OR, "|"),
    TOKEN("vee", OR, "|"),
    TOKEN("lnot", NOT, "!"),
    TOKEN("neg", NOT, "!"),
    TOKEN("in", COLON, ":"),
    TOKEN("colon", COLON, ":"),
    TOKEN("to", ARROW, "->"),
    TOKEN("rightarrow", ARROW, "->"),
    TOKEN("coloneqq", ASSIGN, "="),
    TOKEN("triangleq", ASSIGN, "="),
    TOKEN("doteq", ASSIGN, "="),
    TOKEN("equiv", ASSIGN, "="),
    TOKEN("infty", NAME, "inf"),
    FUNCTION("sin", "sin"),
    FUNCTION("cos", "cos"),
    FUNCTION("tan", "tan"),
    FUNCTION("sec", "sec"),
    FUNCTION("csc", "csc"),
    FUNCTION("cot", "cot"),
    FUNCTION("sinh", "sinh"),
    FUNCTION("cosh", "cosh"),
    FUNCTION("tanh", "tanh"),
    FUNCTION("coth", "coth"),
    FUNCTION("arcsin", "asin"),
    FUNCTION("arccos", "acos"),
    FUNCTION("arctan", "atan"),
    FUNCTION("log", "log"),
    FUNCTION("ln", "log"),
    FUNCTION("exp", "exp"),
    FUNCTION("det", "det"),
    FUNCTION("tr", "tr"),
    FUNCTION("Tr", "tr"),
    FUNCTION("trace", "tr"),
    FUNCTION("diag", "diag"),
    FUNCTION("sign", "sign"),
    FUNCTION("sgn", "sign"),
    FUNCTION("softmax", "softmax"),
    FUNCTION("relu", "relu"),
    FUNCTION("erf", "erf"),
    FUNCTION("rank", "rank"),
    OTHER("quad", C_NOTHING),
    OTHER("qquad", C_NOTHING),
    OTHER("enspace", C_NOTHING),
    OTHER("thinspace", C_NOTHING),
    OTHER("displaystyle", C_NOTHING),
    OTHER("textstyle", C_NOTHING),
    OTHER("scriptstyle", C_NOTHING),
    OTHER("limits", C_NOTHING),
    OTHER("nolimits", C_NOTHING),
    OTHER("nonumber", C_NOTHING),
    OTHER("notag", C_NOTHING),
    OTHER("allowbreak", C_NOTHING),
    OTHER("hfill", C_NOTHING),
    OTHER("bf", C_NOTHING),
    OTHER("rm", C_NOTHING),
    OTHER("it", C_NOTHING),
    OTHER("centering", C_NOTHING),
    OTHER("mathstrut", C_NOTHING),
    OTHER("strut", C_NOTHING),
    OTHER("label", C_ARGUMENT),
    OTHER("tag", C_ARGUMENT),
    OTHER("hspace", C_ARGUMENT),
    OTHER("vspace", C_ARGUMENT),
    OTHER("phantom", C_ARGUMENT),
    OTHER("vphantom", C_ARGUMENT),
    OTHER("hphantom", C_ARGUMENT),
    OTHER("color", C_ARGUMENT),
    OTHER("boxed", C_GROUP),
    OTHER("mathopen", C_GROUP),
    OTHER("mathclose", C_GROUP),
    OTHER("mathbin", C_GROUP),
    OTHER("mathrel", C_GROUP),
    OTHER("mathord", C_GROUP),
    OTHER("mathinner", C_GROUP),
    OTHER("ensuremath", C_GROUP),
    OTHER("smash", C_GROUP),
    OTHER("underbrace", C_LIMITS),
    OTHER("overbrace", C_LIMITS),
    {"left", C_SIZE, 'l', ""},
    {"right", C_SIZE, 'r', ""},
    {"big", C_SIZE, 'm', ""},
    {"Big", C_SIZE, 'm', ""},
    {"bigg", C_SIZE, 'm', ""},
    {"Bigg", C_SIZE, 'm', ""},
    {"bigl", C_SIZE, 'o', ""},
    {"Bigl", C_SIZE, 'o', ""},
    {"biggl", C_SIZE, 'o', ""},
    {"Biggl", C_SIZE, 'o', ""},
    {"bigr", C_SIZE, 'c', ""},
    {"Bigr", C_SIZE, 'c', ""},
    {"biggr", C_SIZE, 'c', ""},
    {"Biggr", C_SIZE, 'c', ""},
    OTHER("frac", C_FRACTION),
    OTHER("dfrac", C_FRACTION),
    OTHER("tfrac", C_FRACTION),
    OTHER("cfrac", C_FRACTION),
    OTHER("nicefrac", C_FRACTION),
    OTHER("sqrt", C_ROOT),
    OTHER("nabla", C_NABLA),
    OTHER("begin", C_BEGIN),
    OTHER("end", C_END),
    {"min", C_OPTIMUM, 0, "min"},
    {"max", C_OPTIMUM, 0, "max"},
    {"argmin", C_OPTIMUM, 1, "argmin"},
    {"argmax", C_OPTIMUM, 1, "argmax"},
    OTHER("arg", C_ARG),
    OTHER("underset", C_STACKED),
    OTHER("overset", C_STACKED),
    OTHER("stackrel", C_STACKED),
    OTHER("mathds", C_ONES),
    OTHER("mathbbm", C_ONES),
    {"sum", C_INDEX, 0, "sum"},
    {"prod", C_INDEX, 0, "prod"},
    NOT_READ("int", "integrals are"),
    NOT_READ("iint", "integrals are"),
    NOT_READ("oint", "integrals are"),
    NOT_READ("lim", "limits are"),
    NOT_READ("limsup", "limits are"),
    NOT_READ("liminf", "limits are"),
    NOT_READ("sup", "suprema are"),
    NOT_READ("inf", "infima are"),
    NOT_READ("partial", "a partial derivative is \\frac{\\partial L}{\\partial w}; alone it is"),
    NOT_READ("Pr", "probabilities are"),
    OTHER("binom", C_BINOMIAL),
    OTHER("dbinom", C_BINOMIAL),
    OTHER("tbinom", C_BINOMIAL),
    NOT_READ("pm", "two signs at once are"),
    NOT_READ("mp", "two signs at once are"),
    NOT_READ("approx", "approximations are"),
    NOT_READ("sim", "distributions are"),
    NOT_READ("propto", "proportions are"),
    NOT_READ("cdots", "what is left out is"),
    NOT_READ("ldots", "what is left out is"),
    NOT_READ("dots", "what is left out is"),
    NOT_READ("vdots", "what is left out is"),
    NOT_READ("ddots", "what is left out is"),
    NOT_READ("lg", "a logarithm without a base, \\lg, has two readings, \\log_{10} and \\log_2; it is"),
    NOT_READ("forall", "quantifiers are"),
    NOT_READ("exists", "quantifiers are"),
    NOT_READ("dagger", "the transpose is ^\\top; this mark is"),
    NOT_READ("star", "this mark is"),
    NOT_READ("top", "a transpose stands behind ^; alone it is"),
    NOT_READ("middle", "bars in the middle are"),
    NOT_READ("substack", "lines below a sign are"),
    NOT_READ("Re", "complex numbers are"),
    NOT_READ("Im", "complex numbers are"),
    NOT_READ("mapsto", "maps are"),
    NOT_READ("implies", "logic between formulas is"),
    NOT_READ("Rightarrow", "logic between formulas is"),
    NOT_READ("gcd", "integers are"),
    NOT_READ("bmod", "write \\operatorname{mod}(a,b); this sign is"),
    NOT_READ("cup", "sets are"),
    NOT_READ("cap", "sets are"),
    NOT_READ("setminus", "sets are"),
    NOT_READ("subset", "sets are"),
    NOT_READ("notin", "sets are"),
    NOT_READ("bigcup", "sets are"),
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const command *find(const char *name, size_t n)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strlen(commands[i].name) == n && !memcmp(commands[i].name, name, n)) return &commands[i];
    return NULL;
}

int sdp_latex_known(const char *name, size_t n)
{
    char text[40] = "\\";
    const command *c = find(name, n);
    if (c) return c->what == C_FUNCTION || c->what == C_OPTIMUM ? 1 : 2;
    if (n > 30) return 0;
    memcpy(text + 1, name, n);
    return sdp_tex_font_of(name, n) ? 2 : sdp_tex_name(text, n + 1, (char[256]){0}, NULL) ? 1 : 0;
}

// Functions whose names people also type without a backslash.
bool sdp_latex_is_function(const char *word, size_t n)
{
    static const char *const plain[] = {"norm", "sum",    "mean", "inv",  "max",  "min",  "abs",
                                        "sqrt", "logdet", "expm", "logm", "kron", "grad", "hessian"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strlen(plain[i]) == n && !memcmp(plain[i], word, n)) return true;
    const command *c = find(word, n);
    return c && c->what == C_FUNCTION;
}

// ---- one function for each class --------------------------------------------------------------------------

static _Noreturn void unknown(sdp_latex *l, size_t at, size_t end)
{
    static const char *const forbidden[] = {"input",      "include",      "openin", "openout",      "read",
                                            "write",      "def",          "edef",   "gdef",         "let",
                                            "newcommand", "renewcommand", "csname", "usepackage",   "catcode",
                                            "immediate",  "special",      "loop",   "documentclass"};
    const char *names[COMMANDS];
    const char *name = sdp_latex_cut(l, at + 1, end),
               *hint = "formulas only: symdiff help language shows what is read";
    bool files = false;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) files |= !strcmp(forbidden[i], name);
    for (size_t i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
    const char *near = files ? NULL : sdp_nearest(name, names, COMMANDS);
    if (near) hint = sdp_printf(l->p->b, "did you mean \\%s?", near);
    sdp_latex_fail(l, at, end, hint, sdp_printf(l->p->b, "unknown command '\\%s'", name));
}

static void drop_argument(sdp_latex *l, size_t at, size_t end)
{
    sdp_span c;
    if (l->s[end] == '*') end++;
    if (!sdp_latex_argument(l, end, &c, &l->at))
        sdp_latex_fail(l, at, end, NULL, "an argument in braces was expected");
}

// The braces stay as a group; \underbrace{..}_{..}: what is below goes.
static void keep_argument(sdp_latex *l, size_t at, size_t end, bool limits)
{
    sdp_span c;
    size_t behind, all;
    if (l->s[sdp_latex_blanks(l, end)] != '{' || !sdp_latex_argument(l, end, &c, &behind))
        sdp_latex_fail(l, at, end, NULL, "an argument in braces was expected");
    l->at = sdp_latex_blanks(l, end);
    size_t below = sdp_latex_blanks(l, behind);
    if (limits && l->s[below] == '^') {
        if (sdp_latex_is(l, at, "overbrace") && sdp_latex_argument(l, below + 1, &c, &all))
            sdp_latex_fail(l, below, all, "leave the label out", "a label above is not read");
    } else if (limits && l->s[below] == '_' && sdp_latex_argument(l, below + 1, &c, &all)) {
        l->partner[below] = (uint32_t)all;
    }
    sdp_latex_take(l, F_GROUP);
}

// \sqrt{x}, \sqrt[3]{x}, \sqrt2
static void root(sdp_latex *l, size_t at, size_t end)
{
    size_t index = sdp_latex_blanks(l, end);
    l->at = end;
    if (l->s[index] != '[') {
        sdp_latex_add(l, T_NAME, at, end, "sqrt");
        sdp_latex_take(l, F_CALL);
        return;
    }
    size_t n = strspn(l->s + index + 1, "0123456789"), close = index + 1 + n;
    if (!n || l->s[close] != ']')
        sdp_latex_fail(l, index, close, "write x^{1/p}", "the index of a root is a number");
    l->at = close + 1;
    if (n == 1 && l->s[index + 1] == '3') {
        sdp_latex_add(l, T_NAME, at, end, "cbrt");
        sdp_latex_take(l, F_CALL);
        return;
    }
    sdp_latex_add(l, T_LBRACE, at, end, "{");
    if (l->s[sdp_latex_blanks(l, l->at)] != '{')
        sdp_latex_fail(l, at, close + 1, "\\sqrt[4]{x}", "put braces around the argument");
    sdp_latex_take(l, F_RADICAND);
    sdp_latex_top(l)->extra = (sdp_span){(uint32_t)index + 1, (uint32_t)close};
}

static void size(sdp_latex *l, char how, size_t at, size_t end)
{
    l->at = end;
    size_t next = sdp_latex_blanks(l, end);
    const sdp_frame *f = sdp_latex_top(l);
    if (how == 'r' && l->s[next] == '.' && f && f->kind == F_CURLY && f->left) { // \left\{ ... \right.
        l->nframes--;
        sdp_latex_add(l, T_RBRACE, at, next + 1, "}");
        l->at = next + 1;
        return;
    }
    if (l->s[next] == '.')
        sdp_latex_fail(l, at, next + 1, "a value at a point is asked for with --at",
                       "a delimiter that is not seen");
    if (!sdp_latex_delimiter(l, how))
        sdp_latex_fail(l, at, next < l->n ? next + 1 : end, "( ) [ ] \\{ \\} | \\|",
                       "a delimiter was expected");
}

static void symbol(sdp_latex *l, size_t at)
{
    char c = l->s[at + 1];
    size_t end = at + 2;
    if (c == '\\') {
        size_t skip = sdp_latex_blanks(l, end);
        if (l->s[end] == '*') end++;
        // \\[2pt]
        if (l->s[end] == '[' && memchr(l->s + end, ']', l->n - end) && sdp_is_digit(l->s[skip + 1]))
            end += strcspn(l->s + end, "]") + 1;
        if (sdp_latex_line(l, at, end)) return;
        l->at = end;
        if (!l->p->nopen) sdp_latex_statement(l, at, end);
    } else if (c && strchr(",;:!> ", c)) {
        l->at = end;
    } else if (c && strchr("()[]", c)) { // \( \[ around the whole
        bool opens = c == '(' || c == '[';
        if (opens && l->p->ntokens)
            sdp_latex_fail(l, at, end, "one formula at a time; brackets are ( and [",
                           sdp_printf(l->p->b, "unexpected '\\%c'", c));
        if (!opens && l->s[sdp_latex_spaces(l, end)] && !strchr(".,;", l->s[sdp_latex_spaces(l, end)]))
            sdp_latex_fail(l, at, end, "one formula at a time", "text behind the formula");
        l->at = end;
    } else {
        sdp_latex_fail(l, at, end > l->n ? l->n : end, NULL,
                       sdp_printf(l->p->b, "unexpected '%s'", sdp_latex_cut(l, at, end > l->n ? l->n : end)));
    }
}

void sdp_latex_command(sdp_latex *l)
{
    size_t at = l->at, end = sdp_latex_word(l, at);
    if (sdp_latex_delimiter(l, 0)) return;
    if (!sdp_is_letter(l->s[at + 1])) {
        symbol(l, at);
        return;
    }
    const command *c = find(l->s + at + 1, end - at - 1);
    if (!c && sdp_tex_font_of(l->s + at + 1, end - at - 1)) {
        sdp_latex_font(l, at, end);
        return;
    }
    if (!c) unknown(l, at, end);
    switch (c->what) {
    case C_TOKEN: sdp_latex_add(l, c->kind, at, end, c->text), l->at = end; break;
    case C_FUNCTION: sdp_latex_function(l, c->text, at, end); break;
    case C_NOTHING: l->at = end; break;
    case C_ARGUMENT: drop_argument(l, at, end); break;
    case C_GROUP: keep_argument(l, at, end, false); break;
    case C_LIMITS: keep_argument(l, at, end, true); break;
    case C_SIZE: size(l, (char)c->kind, at, end); break;
    case C_BINOMIAL:
        sdp_latex_add(l, T_NAME, at, end, "binomial");
        sdp_latex_add(l, T_LPAREN, at, end, "(");
        l->at = end;
        sdp_latex_take(l, F_UPPER);
        break;
    case C_FRACTION: sdp_latex_fraction(l, at, end); break;
    case C_ROOT: root(l, at, end); break;
    case C_NABLA: sdp_latex_nabla(l, at, end); break;
    case C_BEGIN: sdp_latex_begin(l); break;
    case C_END: sdp_latex_end(l); break;
    case C_OPTIMUM: sdp_latex_optimum(l, c->text, c->kind, at, end); break;
    case C_ARG: sdp_latex_arg_optimum(l, at, end); break;
    case C_ONES: sdp_latex_font(l, at, end); break;
    case C_STACKED: sdp_latex_stacked(l, at, end); break;
    case C_INDEX: sdp_latex_sum(l, c->text, at, end); break;
    case C_NOT_READ:
        sdp_latex_fail(l, at, end, NULL, sdp_printf(l->p->b, "%s not read here: '\\%s'", c->text, c->name));
    }
}
