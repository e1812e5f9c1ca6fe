/* report_style.c - how the page looks: light, dark and printed. */
#include "evaluate/report_html.h"

static const char page_style[] =
    /* Colours s0 to s6 are those of series; they differ in lightness too, and lines in their dashes. */
    ":root{color-scheme:light dark;--ground:#fff;--ink:#1a1f24;--soft:#59636e;--rule:#d8dde3;--band:#f3f6f8;"
    "--own:#005f9e;--good:#0a6b3d;--bad:#a8321f;"
    "--s1:#c2570c;--s2:#00805f;--s3:#a8467f;--s4:#7a6400;--s5:#5b5bd6;--s6:#59636e}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--ground:#14181c;--ink:#e4e8ec;--soft:#9da7b1;--rule:#343b43;"
    "--band:#1d2329;--own:#5db8f5;--good:#5fd39a;--bad:#ff8f7a;"
    "--s1:#ff9a5a;--s2:#3fcfa6;--s3:#ec9bc9;--s4:#dcc04a;--s5:#a5a5ff;--s6:#9da7b1}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\","
    "\"DejaVu Sans\",sans-serif}\n"
    "main{max-width:1180px;margin:0 auto;padding:24px 20px 64px}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:.4em 0}\n"
    "h2{font-size:1.35rem;margin:2.2em 0 .4em;padding-top:.7em;border-top:1px solid var(--rule)}\n"
    "h3{font-size:1.05rem;margin:1.6em 0 .2em}\n"
    "p,ul{max-width:76ch;margin:.5em 0}\n"
    "li{margin:.35em 0}\n"
    "a{color:var(--own)}\n"
    "nav{margin:1.2em 0 0}nav a{margin-right:1.1em;white-space:nowrap}\n"
    "code{font-size:.9em;overflow-wrap:anywhere}\n"
    ".note,caption,small,.small{color:var(--soft)}\n"
    ".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:10px 28px;margin:1.2em 0;"
    "padding:14px 18px;background:var(--band);border-radius:8px}\n"
    ".facts div{min-width:0}.facts dt{font-size:.82rem;color:var(--soft)}.facts dd{margin:0}\n"
    ".scroll{overflow-x:auto;margin:.6em 0 1em}\n"
    "table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;padding:4px 0}\n"
    "th,td{padding:4px 9px;text-align:right;border-bottom:1px solid "
    "var(--rule);white-space:nowrap;vertical-align:middle}\n"
    "th{font-weight:500}thead th{color:var(--soft);white-space:normal;vertical-align:bottom}\n"
    "th:first-child,td.text,th.text{text-align:left}th.middle{text-align:center}\n"
    "tbody th{max-width:19em;white-space:normal;overflow-wrap:anywhere}\n"
    "tbody th.date{white-space:nowrap}#headline tbody th{min-width:13.5em}\n"
    "td.wrap{white-space:normal;min-width:16em}\n"
    "tr.own{background:var(--band)}tr.own th,tr.own td,td.best{font-weight:700}tr.own td small{font-weight:400}\n"
    "#metrics tr.own td:not(.best){font-weight:400}\n"
    "tr.group th{color:var(--soft);padding-top:12px}tr.ceiling th,tr.ceiling td{color:var(--soft);font-style:italic}\n"
    ".better{color:var(--good);font-weight:600}.worse{color:var(--bad);font-weight:600}\n"
    "td.bars{padding-left:0}\n"
    "figure{margin:1em 0}figcaption{font-weight:600;font-size:.95rem}\n"
    ".multiples{display:flex;flex-wrap:wrap;gap:8px 20px}.multiples figure{margin:.4em 0}\n"
    ".beside{display:flex;flex-wrap:wrap;gap:8px 36px;align-items:center}\n"
    ".legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:2px 20px;font-size:.88rem;max-width:none}"
    ".legend li{margin:0}\n";

static const char plot_style[] =
    "svg{display:block}.legend svg{display:inline-block;vertical-align:middle}\n"
    ".multiples svg,.beside svg{max-width:100%;height:auto}\n"
    "svg text{font:12px system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;fill:var(--ink);"
    "font-variant-numeric:tabular-nums}\n"
    "svg .tick{fill:var(--soft);font-size:11px}svg .label{font-size:13px}svg .label.own{font-weight:700}\n"
    "svg .middle{text-anchor:middle}svg .end{text-anchor:end}\n"
    ".grid{stroke:var(--rule)}.zero{stroke:var(--soft);stroke-width:1.5}"
    ".ceiling{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:5 4}.ceiling.far{stroke-dasharray:1 4}\n"
    ".interval{stroke:var(--soft);stroke-width:2.5;stroke-linecap:round}.dot{fill:var(--soft)}\n"
    ".interval.own{stroke:var(--own)}.dot.own{fill:var(--own)}\n"
    ".bar{fill:var(--soft);opacity:.65}.bar.own{fill:var(--own);opacity:1}\n"
    ".bin{fill:var(--own);fill-opacity:.45;stroke:var(--own);stroke-width:1.5}.bin.few{fill-opacity:0}\n"
    ".series{stroke-width:1.75;fill:none}.series.s0,.whisker{stroke-width:2.75}.whisker{opacity:.5}\n"
    ".s0{stroke:var(--own)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}.s4{stroke:var(--s4)}"
    ".s5{stroke:var(--s5)}.s6{stroke:var(--s6)}\n"
    ".series.s2{stroke-dasharray:7 3}.series.s3{stroke-dasharray:2 3}.series.s4{stroke-dasharray:9 3 2 3}"
    ".series.s5{stroke-dasharray:4 4}.series.s6{stroke-dasharray:1 4}\n"
    ".point{fill:var(--ground);stroke-width:2}.point.s0{fill:var(--own)}\n";

static const char print_style[] =
    "@media print{body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}.scroll{overflow:visible}"
    "table{font-size:7.6pt}th,td{padding:2px 4px}.scroll svg{max-width:100%;height:auto}"
    "figure,tr,.facts{break-inside:avoid}h2,h3,h3+p{break-after:avoid}.multiples "
    "figure{width:31%}thead{display:table-header-group}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

void pv_report_style(pv_buffer *out)
{
    pv_html_markup(out, page_style);
    pv_html_markup(out, plot_style);
    pv_html_markup(out, print_style);
}
