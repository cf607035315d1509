/** The page's style sheet. Colours that the plots use too are variables, which the script reads. */

const light = `--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--grid:#e7ebef;--card:#f6f8fa;--equal:#e4eaf0;
--good:#0a7a4b;--bad:#b42318;--doubt:#7a6000;
--c0:#0b62b5;--c1:#b3440a;--c2:#0a7a4b;--c3:#8a3a9e;--c4:#7a6000;--c5:#a8204e;--c6:#0b7285;--c7:#555`;
const dark = `--paper:#0f1419;--ink:#e6edf3;--soft:#9aa7b4;--line:#38424d;--grid:#242c35;--card:#171d24;--equal:#222c37;
--good:#57d39b;--bad:#ff8d80;--doubt:#e3c341;
--c0:#6cb6ff;--c1:#ff9a5c;--c2:#57d39b;--c3:#d69af0;--c4:#e3c341;--c5:#ff85a8;--c6:#5fd4e6;--c7:#b5b5b5`;

const shade = "color-mix(in srgb,var(--ink) 35%,transparent)";
/**
 * A box that a wide table scrolls in. The shadows at its sides stay, and paper that moves with the table covers the one at
 * an end that is reached: what is seen of them says where there is more.
 */
const scroll = `.scroll{overflow:auto;max-height:40rem;margin-bottom:1rem;container-type:inline-size;
background:linear-gradient(to right,var(--paper) 60%,transparent) left/3rem 100% repeat-y local,linear-gradient(to left,var(--paper) 60%,transparent) right/3rem 100% repeat-y local,
linear-gradient(to right,${shade},transparent) left/1.25rem 100% no-repeat scroll,linear-gradient(to left,${shade},transparent) right/1.25rem 100% no-repeat scroll}`;

export const pageStyle = `:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main{max-width:1200px;margin:auto;padding:1rem 1.25rem}header{padding-bottom:0}main{padding-top:0}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.3rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1.5rem}
section:first-child>h2{margin-top:.5rem}
h3{font-size:1.05rem;margin:1.5rem 0 .25rem}h4{font-size:1rem;margin:1.25rem 0 .25rem}p{margin:.25rem 0 .75rem}
figcaption p,.meta{color:var(--soft);font-size:.9rem}
.sentences{font-size:1.1em}ul{padding-left:1.2rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,500px),1fr));gap:0 2rem}
figure{margin:0 0 1rem;min-width:0}.plot{min-height:300px}
summary{cursor:pointer;color:var(--soft);font-size:.9rem}
.set>summary{color:inherit;border-top:1px solid var(--line);margin-top:1.5rem}.set h2{display:inline-block;border:0;margin:0;padding:1rem 0 0}.set .meta{margin:.25rem 0}
.choices label{display:inline-block;max-width:100%;margin:0 1rem .5rem 0}select{font:inherit;max-width:100%;padding:.2rem .4rem;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:4px}
${scroll}:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
caption{text-align:left;color:var(--soft);background:var(--paper);padding:.25rem 0;position:sticky;left:0;width:max-content;max-width:100cqi;overflow-wrap:anywhere}
th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child{text-align:left;padding-left:0}@media screen{table:has(tbody>tr:nth-child(16)) thead :is(th,td){position:sticky;top:0;background:var(--paper)}}
.bars{display:grid;gap:.25rem;margin:0}.bars dt{font-weight:600}.bars dd{margin:0 0 .5rem}
.bars svg{display:block;width:100%;height:1.25rem;background:var(--card)}.bars span{font-variant-numeric:tabular-nums;font-size:.9rem}
.part-0{fill:var(--c4)}.part-1{fill:var(--c1)}.part-2{fill:var(--c0)}
.key span{margin-right:1em;white-space:nowrap}.key svg{width:.8em;height:.8em;margin-right:.4em}
pre{overflow:auto;background:var(--card);padding:1rem;font-size:.85rem}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem .9rem;margin:0;padding:0;font-size:.85rem}
.legend button{font:inherit;color:inherit;background:none;border:0;padding:.2rem;cursor:pointer;text-align:left}
.legend button[aria-pressed=false]{opacity:.55;text-decoration:line-through}.legend b{font-weight:600}.legend span{color:var(--soft);font-variant-numeric:tabular-nums}
.swatch{stroke-width:2;width:28px;height:12px;vertical-align:-1px;margin-right:.4rem}
.pointed{min-height:1.3em;margin:0;color:var(--soft);font-size:.85rem}
.forest{list-style:none;margin:.5rem 0 0;padding:0}.forest li,.forest-axis{display:grid;grid-template-columns:7.5rem minmax(0,1fr) 9rem 16rem 8.5rem;gap:0 .75rem;align-items:center}
.forest svg,.forest i{width:100%;height:1.9rem;display:block;overflow:visible}.forest span,.forest small{font-variant-numeric:tabular-nums;font-size:.9rem}.forest small{color:var(--soft)}.forest em{font-style:normal;font-weight:600}
.forest path{fill:none;vector-effect:non-scaling-stroke}.equal{fill:var(--equal)}.zero{stroke:var(--soft);stroke-width:1px}.bound{stroke:var(--ink);stroke-width:3px}
.interval{stroke:var(--state);stroke-width:3px}.dot{stroke:var(--state);stroke-width:11px;stroke-linecap:round}
.forest li{--state:var(--ink)}.forest .regressed{--state:var(--bad)}.forest .improved{--state:var(--good)}.forest .inconclusive,.forest .underpowered{--state:var(--doubt)}.forest .unsupported{--state:var(--soft)}.forest em{color:var(--state)}
.forest-axis+details{margin-bottom:1.5rem}
.forest-axis p{position:relative;height:1.4rem;margin:0;grid-column:2;color:var(--soft);font-size:.8rem}.forest-axis span{position:absolute;transform:translateX(-50%);white-space:nowrap}
.outcome{font-size:1.15rem;font-weight:600}.gates{list-style:none;padding:0}
.outcome.passed,.gates .passed b{color:var(--good)}.outcome.failed,.gates .failed b{color:var(--bad)}.outcome.undecided,.gates .undecided b{color:var(--doubt)}
@media(max-width:800px){.forest li,.forest-axis{grid-template-columns:minmax(0,1fr) auto}.forest svg,.forest i{grid-row:2;grid-column:1/3}.forest em{grid-row:1;grid-column:2;text-align:right}.forest li>span{grid-row:3;grid-column:1}.forest li>small{grid-row:3;grid-column:2;text-align:right}.forest li{padding-bottom:.6rem}.forest-axis p{grid-column:1/3}.forest-axis b{display:none}}
@page{margin:14mm}
@media print{body{font-size:10pt}header,main{padding:0}figure,.bars dd,.forest li,tr,.gates li{break-inside:avoid}h2,h3,h4{break-after:avoid}summary,details:not([open],.set),.pointed{display:none}.set>summary{display:block}.scroll{overflow:visible;max-height:none;background:none}}`;
