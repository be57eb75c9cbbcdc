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

// \nabla_w, \nabla_w^2, \nabla^2_w
static void nabla(sdp_latex *l, size_t at, size_t end)
{
    bool second = false;
    sdp_span c, name = {0, 0};
    char text[256] = "";
    for (size_t i = end; (i = sdp_latex_blanks(l, i)) < l->n && strchr("_^", l->s[i]);) {
        bool below = l->s[i] == '_';
        if (!sdp_latex_argument(l, i + 1, &c, &end)) break;
        if (below) name = c;
        else if (c.end == c.begin + 1 && l->s[c.begin] == '2') second = true;
        else sdp_latex_fail(l, i, end, "\\nabla_x f, \\nabla_x^2 f", "this derivative is not read here");
        i = end;
    }
    if (!name.end || name.end - name.begin > 200 ||
        !sdp_tex_name(l->s + name.begin, name.end - name.begin, text, NULL))
        sdp_latex_fail(l, at, end, "name the variable: \\nabla_x f", "the gradient by what?");
    sdp_latex_add(l, second ? T_NABLA2 : T_NABLA, at, end, sdp_name_text(l->p, text, strlen(text)));
    l->at = end;
}

// The names in c, up to \in, as "w,b"; NULL: something else stands there.
static const char *variables(sdp_latex *l, sdp_span c)
{
    const char *all = "";
    for (size_t at = c.begin; at < c.end;) {
        char name[256];
        size_t end = at, i;
        while (end < c.end && l->s[end] != ',' && !sdp_latex_is(l, end, "in"))
            end += l->s[end] == '{' && l->partner[end] ? l->partner[end] - end : 1;
        if (end - at > 200 || !sdp_tex_name(l->s + at, end - at, name, NULL)) return NULL;
        all = sdp_printf(l->p->b, "%s%s%s", all, *all ? "," : "", sdp_name_text(l->p, name, strlen(name)));
        for (i = end; i < c.end && l->s[i] == ','; i++) {}
        at = end < c.end && l->s[end] == ',' ? i : c.end;
    }
    return *all ? all : NULL;
}

// Does a name that is asked for stand in the text, or is it an index?
static bool stands_alone(const sdp_latex *l, sdp_span c, size_t from)
{
    size_t n = c.end - c.begin;
    for (size_t i = from; i + n <= l->n; i++) {
        if (l->s[i] == '_' && i + 1 < l->n) {
            sdp_span below;
            size_t end;
            if (sdp_latex_argument(l, i + 1, &below, &end)) i = end - 1;
        } else if (!memcmp(l->s + i, l->s + c.begin, n) && !(i && l->s[i - 1] == '\\')) {
            return true;
        }
    }
    return false;
}

// \min_w and \argmin_w in front of a statement say by what to derive; elsewhere \max(a,b) is a function.
static void optimum(sdp_latex *l, const char *text, bool arg, size_t at, size_t end)
{
    int last = sdp_latex_last(l);
    size_t mark = sdp_latex_blanks(l, end), word = end;
    bool first = !l->p->nopen && (!last || last == T_SEMICOLON || last == T_ASSIGN || last == T_NEWLINE);
    sdp_span c = {0, 0};
    if (sdp_latex_is(l, mark, "limits")) mark = sdp_latex_blanks(l, sdp_latex_word(l, mark));
    if (l->s[mark] != '_') {
        if (arg) sdp_latex_fail(l, at, end, "\\argmin_w L", "by what is the optimum taken?");
        sdp_latex_function(l, text, at, end);
        return;
    }
    const char *names = sdp_latex_argument(l, mark + 1, &c, &end) ? variables(l, c) : NULL;
    bool index = !arg && c.end > c.begin &&
                 sdp_latex_name_end(l, c.begin) == sdp_latex_name_end(l, sdp_latex_spaces(l, c.begin)) &&
                 names && !strchr(names, ',');
    if (index && (!first || !stands_alone(l, c, end))) { // \max_i |x_i|
        sdp_latex_sum(l, text, at, word);
        return;
    }
    if (!names || !first || (!arg && !strchr(names, ',') && c.end - c.begin == 1 && !stands_alone(l, c, end)))
        sdp_latex_fail(l, at, end, "\\min_w in front of a formula, \\max(a,b), \\max(x) of a vector",
                       sdp_printf(l->p->b, "a %s over an index or a set is not read here", text));
    l->p->tree->asked = names;
    l->at = end;
}

bool sdp_latex_optimum_word(sdp_latex *l, const char *word, size_t begin, size_t end)
{
    static const char *const words[] = {"argmin", "argmax", "minimize", "maximize", "minimise", "maximise"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word)) continue;
        optimum(l, words[i], true, begin, end);
        return true;
    }
    return false;
}

// \arg\min_w
static void arg_optimum(sdp_latex *l, size_t at, size_t end)
{
    size_t next = sdp_latex_spaces(l, end);
    bool least = sdp_latex_is(l, next, "min");
    if (!least && !sdp_latex_is(l, next, "max"))
        sdp_latex_fail(l, at, end, "\\arg\\min_w L", "the argument of complex numbers is not read here");
    optimum(l, least ? "argmin" : "argmax", true, at, sdp_latex_word(l, next));
}

// \underset{w}{\operatorname{argmin}}, \overset{\text{def}}{=}
static void stacked(sdp_latex *l, size_t at, size_t end)
{
    sdp_span over, base;
    size_t behind, all;
    char text[256] = "";
    if (!sdp_latex_argument(l, end, &over, &behind) || !sdp_latex_argument(l, behind, &base, &all))
        sdp_latex_fail(l, at, end, NULL, "two arguments in braces were expected");
    size_t from = sdp_latex_spaces(l, base.begin), n = base.end - from;
    if (l->s[from] == '=' || l->s[from] == ':') {
        sdp_latex_add(l, T_ASSIGN, at, all, "=");
        l->at = all;
        return;
    }
    bool word = n < 200 && sdp_tex_name(l->s + from, n, text, NULL);
    bool least = !strcmp(text, "argmin") || sdp_latex_is(l, from, "argmin") || sdp_latex_is(l, from, "min") ||
                 sdp_latex_is(l, from, "arg");
    const char *names = variables(l, over);
    if ((!least && !word) || !names || l->p->nopen ||
        (word && strcmp(text, "argmin") && strcmp(text, "argmax") && strcmp(text, "minimize")))
        sdp_latex_fail(l, at, all, "\\argmin_w L, \\triangleq",
                       "what stands above or below is not read here");
    l->p->tree->asked = names;
    l->at = all;
}

bool sdp_latex_indicator(sdp_latex *l, size_t begin, size_t end)
{
    size_t at = sdp_latex_blanks(l, end);
    if (sdp_latex_is(l, at, "left")) at = sdp_latex_blanks(l, sdp_latex_word(l, at));
    bool bracket = l->s[at] == '[' || l->s[at] == '(' || (l->s[at] == '\\' && l->s[at + 1] == '{');
    if (!bracket) return false;
    // the name before it is not called
    if (sdp_latex_after(l)) sdp_latex_add(l, T_JUXTAPOSE, begin, begin, "*");
    l->at = end;
    return true;
}

static bool size_token(sdp_latex *l, sdp_span c, const char **text)
{
    char name[256];
    size_t from = sdp_latex_blanks(l, c.begin), n = c.end > from ? c.end - from : 0;
    while (n && l->s[from + n - 1] == ' ') n--;
    bool digits = n && strspn(l->s + from, "0123456789") >= n;
    if (!n || n > 100 || (!digits && !sdp_tex_name(l->s + from, n, name, NULL))) return false;
    *text = digits ? sdp_latex_cut(l, from, from + n) : sdp_name_text(l->p, name, strlen(name));
    return true;
}

// \mathbf{1}_{n}, \mathbf{0}_{m \times n}, by the function of that name; false: something else than sizes
// stands below.
static bool constant_array(sdp_latex *l, const char *function, size_t at, sdp_span c)
{
    size_t sign = c.begin;
    while (sign < c.end && !sdp_latex_is(l, sign, "times")) sign++;
    int n = sign < c.end ? 2 : 1;
    sdp_span size[2] = {{c.begin, (uint32_t)sign},
                        {n > 1 ? (uint32_t)sdp_latex_word(l, sign) : c.end, c.end}};
    const char *text[2];
    for (int k = 0; k < n; k++)
        if (!size_token(l, size[k], &text[k])) return false;
    sdp_latex_add(l, T_NAME, at, c.begin, function);
    sdp_latex_add(l, T_LPAREN, c.begin, c.begin, "(");
    for (int k = 0; k < n; k++) {
        if (k) sdp_latex_add(l, T_COMMA, sign, size[1].begin, ",");
        sdp_latex_add(l, sdp_is_digit(text[k][0]) ? T_NUMBER : T_NAME, size[k].begin, size[k].end, text[k]);
    }
    sdp_latex_add(l, T_RPAREN, c.end, c.end, ")");
    return true;
}

// \mathbf 1: a vector of ones, or an indicator if a bracket follows. \mathbf 0 is 0; \mathbf{AB} are bold
// letters.
static void font(sdp_latex *l, size_t at, size_t end)
{
    sdp_span c;
    size_t behind;
    if (l->s[end] == '*') end++;
    if (!sdp_latex_argument(l, end, &c, &behind))
        sdp_latex_fail(l, at, end, "\\mathbf{x}", "a letter was expected");
    const char *content = sdp_latex_cut(l, c.begin, c.end);
    bool one = !strcmp(content, "1"), zero = !strcmp(content, "0");
    size_t next = sdp_latex_blanks(l, behind);
    if (l->s[next] == '_' && (one || zero)) {
        sdp_span size;
        if (!sdp_latex_argument(l, next + 1, &size, &next))
            sdp_latex_fail(l, next, next + 1, "\\mathbf{1}_n", "how many ones?");
        size_t behind_sizes = sdp_latex_blanks(l, next);
        bool condition = one && strchr("[(", l->s[behind_sizes]) && l->s[behind_sizes];
        if (!condition && constant_array(l, one ? "ones" : "zeros", at, size)) {
            l->at = next;
            return;
        }
        if (memchr(l->s + size.begin, '>', size.end - size.begin) ||
            memchr(l->s + size.begin, '<', size.end - size.begin) ||
            memchr(l->s + size.begin, '\\', size.end - size.begin))
            sdp_latex_fail(l, at, next, "write \\mathbf{1}[x > 0]",
                           "an indicator's condition stands in brackets here");
        behind = one ? next : behind;
    }
    if (one && sdp_latex_indicator(l, at, behind)) return;
    if (one) {
        sdp_latex_add(l, T_NAME, at, behind, "vector");
        sdp_latex_add(l, T_LPAREN, behind, behind, "(");
        sdp_latex_add(l, T_NUMBER, behind, behind, "1");
        sdp_latex_add(l, T_RPAREN, behind, behind, ")");
        l->at = behind;
    } else if (zero) {
        sdp_latex_add(l, T_NUMBER, at, behind, "0");
        l->at = behind;
    } else if (sdp_tex_font_of(l->s + at + 1, sdp_latex_word(l, at) - at - 1) == SDP_TEX_FONT &&
               l->s[sdp_latex_blanks(l, end)] == '{') {
        l->at = end;
        sdp_latex_take(l, F_GROUP);
    } else {
        sdp_latex_fail(l, at, behind, "a word, a name, or a formula outside: \\text{loss}, \\hat{y}",
                       sdp_printf(l->p->b, "'%s' is not read here", sdp_latex_cut(l, at, behind)));
    }
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
        font(l, at, end);
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
    case C_NABLA: nabla(l, at, end); break;
    case C_BEGIN: sdp_latex_begin(l); break;
    case C_END: sdp_latex_end(l); break;
    case C_OPTIMUM: optimum(l, c->text, c->kind, at, end); break;
    case C_ARG: arg_optimum(l, at, end); break;
    case C_ONES: font(l, at, end); break;
    case C_STACKED: stacked(l, at, end); break;
    case C_INDEX: sdp_latex_sum(l, c->text, at, end); break;
    case C_NOT_READ:
        sdp_latex_fail(l, at, end, NULL, sdp_printf(l->p->b, "%s not read here: '\\%s'", c->text, c->name));
    }
}
