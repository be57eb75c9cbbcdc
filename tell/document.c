// SPDX-License-Identifier: MIT
// Documents: blocks of lines, written as text in columns, Markdown, LaTeX or HTML.
//
// A line is "label = middle = formula", its shape, and a reason. Formulas come in the notation of the format:
// text, or LaTeX for all others. A new format is one writer here.
#include "tell/tell.h"

sdp_block *sdp_add_block(sdp_document *d, const char *heading, const char *about)
{
    d->block = sdp_grown_kept(d->b, d->block, d->n, &d->cap, sizeof *d->block);
    d->block[d->n] = (sdp_block){.heading = heading, .about = about};
    return &d->block[d->n++];
}

void sdp_add_line(sdp_document *d, sdp_line l)
{
    sdp_block *b = &d->block[d->n - 1];
    b->line = sdp_grown_kept(d->b, b->line, b->n, &b->cap, sizeof *b->line);
    b->line[b->n++] = l;
}

// ---- text -------------------------------------------------------------------------------------------------
enum { MARGIN = 10, WIDEST = 60 };

static size_t width_of(const char *s) { return s ? sdp_utf8_columns(s, strlen(s)) : 0; }
static void pad(sdp_text *out, size_t from, size_t to)
{
    for (; from < to; from++) sdp_put(out, " ");
}

static size_t body_width(const sdp_line *l)
{
    return (l->middle ? width_of(l->middle) + 3 : 0) + width_of(l->formula);
}

static void put_text_line(const sdp_line *l, size_t label, size_t body, sdp_text *out)
{
    size_t at = 0, start = out->n;
    if (l->label) {
        sdp_put(out, l->label);
        pad(out, width_of(l->label), label);
        sdp_put(out, " = ");
        at = (label > width_of(l->label) ? label : width_of(l->label)) + 3;
    }
    if (l->middle) sdp_putf(out, "%s = ", l->middle);
    sdp_put(out, l->formula);
    at += body_width(l);
    size_t column = (l->label ? label + 3 : 0) + body + 3;
    if (l->shape) {
        if (at + 2 > column) column = at + 2;
        pad(out, at, column);
        sdp_put(out, l->shape);
        at = column + width_of(l->shape);
    }
    if (l->reason) {
        size_t to = l->shape ? column + 8 : column;
        pad(out, at, at + 2 > to ? at + 2 : to);
        sdp_put(out, l->reason);
    }
    while (out->n > start && out->s[out->n - 1] == ' ') out->s[--out->n] = 0;
    sdp_put(out, "\n");
}

static void write_text(const sdp_document *d, sdp_text *out)
{
    for (uint32_t i = 0; i < d->n; i++) {
        const sdp_block *b = &d->block[i];
        if (!b->n) continue;
        size_t label = 0, body = 0;
        sdp_put(out, b->heading);
        if (b->about) sdp_putf(out, ", %s\n", b->about);
        for (uint32_t k = 0; k < b->n; k++) {
            size_t l = width_of(b->line[k].label), w = body_width(&b->line[k]);
            if (l > label) label = l;
            if (w > body) body = w;
        }
        if (body > WIDEST) body = WIDEST;
        for (uint32_t k = 0; k < b->n; k++) {
            pad(out, k || b->about ? 0 : width_of(b->heading), MARGIN);
            put_text_line(&b->line[k], label, body, out);
        }
    }
}

// ---- LaTeX notation ---------------------------------------------------------------------------------------
// pdflatex knows no letters and signs beyond ASCII in text: names are written as in
// formulas, signs by their commands.
static size_t put_tex_beyond_ascii(const char *s, sdp_text *out)
{
    static const struct {
        const char *sign, *tex;
    } signs[] = {{"×", "\\times"}, {"∇", "\\nabla"},  {"∂", "\\partial"}, {"≤", "\\le"}, {"≥", "\\ge"},
                 {"≠", "\\ne"},    {"·", "\\cdot"},   {"⊙", "\\odot"},    {"−", "-"},    {"√", "\\surd"},
                 {"∞", "\\infty"}, {"ᵀ", "^{\\top}"}, {"⁻¹", "^{-1}"},    {"²", "^2"},   {"³", "^3"},
                 {"Σ", "\\Sigma"}, {"ℓ", "\\ell"}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].sign);
        if (strncmp(s, signs[i].sign, n)) continue;
        sdp_putf(out, "$%s$", signs[i].tex);
        return n;
    }
    size_t n;
    uint32_t c = sdp_utf8_decode(s, strlen(s), &n);
    const char *letter = sdp_tex_greek(s, n), *word = sdp_greek_word(c);
    if (letter) sdp_putf(out, "$\\%s$", letter);
    else if (c >= 0x2080 && c <= 0x2089) sdp_putf(out, "$_%u$", (unsigned)(c - 0x2080));
    else if (c >= 0xC0 && c < 0x180) sdp_putn(out, s, n); // inputenc has these
    else if (word) sdp_put(out, word);
    else sdp_putf(out, "U+%04X", (unsigned)c);
    return n;
}

static void put_tex_words(const char *s, sdp_text *out)
{
    for (; *s; s++) {
        if ((unsigned char)*s >= 0x80) {
            s += put_tex_beyond_ascii(s, out) - 1;
        } else if (*s == '^') sdp_put(out, "\\^{}");
        else if (*s == '\\') sdp_put(out, "\\textbackslash{}");
        else if (strchr("<>|", *s)) sdp_putf(out, "$%c$", *s);
        else if (strchr("_&%$#{}", *s)) sdp_putf(out, "\\%c", *s);
        else sdp_putn(out, s, 1);
    }
}

const char *sdp_tex_words(sdp_base *b, const char *s)
{
    sdp_text t;
    sdp_text_init(&t, b);
    put_tex_words(s, &t);
    const char *copy = sdp_strndup(b, t.s ? t.s : "", t.n);
    sdp_text_free(&t);
    return copy;
}

static void put_equation(const sdp_line *l, sdp_text *out)
{
    if (l->label) sdp_putf(out, "%s = ", l->label);
    if (l->middle) sdp_putf(out, "%s = ", l->middle);
    sdp_put(out, l->formula);
}

static void write_markdown(const sdp_document *d, sdp_text *out)
{
    sdp_putf(out, "# %s\n", d->title);
    for (uint32_t i = 0; i < d->n; i++) {
        const sdp_block *b = &d->block[i];
        if (!b->n) continue;
        sdp_putf(out, "\n## %s%s%s\n\n", b->heading, b->about ? ", " : "", b->about ? b->about : "");
        for (uint32_t k = 0; k < b->n; k++) {
            const sdp_line *l = &b->line[k];
            sdp_put(out, "- ");
            if (l->label) sdp_put(out, "$"), put_equation(l, out), sdp_put(out, "$");
            else sdp_putf(out, l->math ? "$%s$" : "%s", l->formula);
            if (l->shape) sdp_putf(out, " (%s)", l->shape);
            if (l->reason) sdp_putf(out, ": %s", l->reason);
            sdp_put(out, "\n");
        }
    }
}

static void write_latex(const sdp_document *d, sdp_text *out)
{
    sdp_put(out, "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage{amsmath,amssymb}"
                 "\n\\begin{document}\n");
    for (uint32_t i = 0; i < d->n; i++) {
        const sdp_block *b = &d->block[i];
        if (!b->n) continue;
        sdp_put(out, "\\paragraph{");
        put_tex_words(b->heading, out);
        sdp_put(out, "}");
        if (b->about) put_tex_words(b->about, out);
        sdp_put(out, "\n");
        for (uint32_t k = 0; k < b->n; k++) {
            const sdp_line *l = &b->line[k];
            if (l->label || l->math) {
                sdp_put(out, "\\[");
                put_equation(l, out);
                if (l->shape || l->reason) sdp_put(out, "\\qquad\\text{");
                if (l->shape) put_tex_words(l->shape, out);
                if (l->reason) sdp_put(out, l->shape ? ", " : ""), put_tex_words(l->reason, out);
                sdp_put(out, l->shape || l->reason ? "}\\]\n" : "\\]\n");
                continue;
            }
            put_tex_words(l->formula, out);
            if (l->reason) sdp_put(out, "; "), put_tex_words(l->reason, out);
            sdp_put(out, "\\par\n");
        }
    }
    sdp_put(out, "\\end{document}\n");
}

static void put_html(const char *s, sdp_text *out)
{
    for (; *s; s++) {
        if (*s == '<') sdp_put(out, "&lt;");
        else if (*s == '>') sdp_put(out, "&gt;");
        else if (*s == '&') sdp_put(out, "&amp;");
        else sdp_putn(out, s, 1);
    }
}

// Blocks fold; formulas stand between \( and \), which KaTeX and MathJax find.
static void write_html(const sdp_document *d, sdp_text *out)
{
    sdp_putf(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>%s</title>\n<style>td { "
             "padding: 0 1em 0 0 } summary { font-weight: bold }</style>\n",
             d->title);
    for (uint32_t i = 0; i < d->n; i++) {
        const sdp_block *b = &d->block[i];
        if (!b->n) continue;
        sdp_putf(out, "<details open>\n<summary>%s%s", b->heading, b->about ? ", " : "");
        if (b->about) put_html(b->about, out);
        sdp_put(out, "</summary>\n<table>\n");
        for (uint32_t k = 0; k < b->n; k++) {
            const sdp_line *l = &b->line[k];
            sdp_text t;
            sdp_put(out, "<tr><td>");
            sdp_text_init(&t, d->b);
            if (l->label || l->math) sdp_put(&t, "\\("), put_equation(l, &t), sdp_put(&t, "\\)");
            else sdp_put(&t, l->formula);
            put_html(t.s, out);
            sdp_text_free(&t);
            sdp_put(out, "<td>");
            if (l->shape) put_html(l->shape, out);
            sdp_put(out, "<td>");
            if (l->reason) put_html(l->reason, out);
            sdp_put(out, "\n");
        }
        sdp_put(out, "</table>\n</details>\n");
    }
    sdp_put(out, "</html>\n");
}

char *sdp_write_document(const sdp_document *d, sd_document format)
{
    sdp_text out;
    sdp_text_init(&out, d->b);
    if (format == SD_DOC_MARKDOWN) write_markdown(d, &out);
    else if (format == SD_DOC_LATEX) write_latex(d, &out);
    else if (format == SD_DOC_HTML) write_html(d, &out);
    else write_text(d, &out);
    d->b->error = (sd_error){.code = SD_OK};
    return out.s;
}
