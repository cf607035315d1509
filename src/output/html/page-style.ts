/** The page's style sheet. Colours that the plots use too are variables, which the script reads. */

const light = `--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--grid:#e7ebef;--card:#f6f8fa;
--c0:#0b62b5;--c1:#b3440a;--c2:#0a7a4b;--c3:#8a3a9e;--c4:#7a6000;--c5:#a8204e;--c6:#0b7285;--c7:#555`;
const dark = `--paper:#0f1419;--ink:#e6edf3;--soft:#9aa7b4;--line:#38424d;--grid:#242c35;--card:#171d24;
--c0:#6cb6ff;--c1:#ff9a5c;--c2:#57d39b;--c3:#d69af0;--c4:#e3c341;--c5:#ff85a8;--c6:#5fd4e6;--c7:#b5b5b5`;

export const pageStyle = `:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:1200px;margin:auto;padding:1rem 1.25rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.3rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1.5rem}
h3{font-size:1.05rem;margin:1.25rem 0 .25rem}p{margin:.25rem 0 .75rem}
figcaption p,.meta{color:var(--soft);font-size:.9rem}
.sentences{font-size:1.1rem}.sentences ul,ul{padding-left:1.2rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,500px),1fr));gap:0 2rem}
figure{margin:0 0 1rem;min-width:0}.plot{min-height:300px}
summary{cursor:pointer;color:var(--soft);font-size:.9rem}
.scroll{overflow-x:auto}:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child{text-align:left;padding-left:0}
.bars{display:grid;gap:.25rem;margin:0}.bars dt{font-weight:600}.bars dd{margin:0 0 .5rem}
.bars svg{display:block;width:100%;height:1.25rem;background:var(--card)}.bars span{font-variant-numeric:tabular-nums;font-size:.9rem}
.part-0{fill:var(--c4)}.part-1{fill:var(--c1)}.part-2{fill:var(--c0)}
.key i{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .6em}.key-0{background:var(--c4)}.key-1{background:var(--c1)}.key-2{background:var(--c0)}
pre{overflow:auto;background:var(--card);padding:1rem;font-size:.85rem}
.u-legend{text-align:left!important;font-size:.85rem}.u-legend th{white-space:normal}.u-legend th,.u-legend td{border:0;padding:.1rem .3rem}
@media print{body{font-size:11pt}figure,.bars dd{break-inside:avoid}h2,h3{break-after:avoid}summary,details:not([open]){display:none}}`;
