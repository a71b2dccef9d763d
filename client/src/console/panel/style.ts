/** Height of a row in CSS pixels. */
export const ROW_PX = 26;

/** Where the list says how long it is and which row is the first one drawn. */
export const VARIABLES = ["--rows", "--first"] as const;

// Not minified by anything, so kept short. All of the page's own style stays out (`all`).
export const STYLE = `
.list{--rows:0;--first:0}
:host{all:initial;position:fixed;inset:auto 0 0;z-index:2147483647;height:min(360px,60vh);color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1b2430;--faint:#5a6675;--line:#dde2e8;--accent:#1a5fd0;--chosen:#e4edfc;--good:#1c7a3d;--wait:#8a5a00;--bad:#b3261e}
@media(prefers-color-scheme:dark){:host{--paper:#12161c;--card:#1b212a;--ink:#e8ecf1;--faint:#9aa7b6;--line:#303946;--accent:#7fb0ff;--chosen:#22324d;--good:#6fd08c;--wait:#f0c069;--bad:#ff9a92}}
*{box-sizing:border-box;margin:0;font:inherit;color:inherit}
[hidden]{display:none!important}
section{display:flex;flex-direction:column;height:100%;background:var(--card);color:var(--ink);border-top:2px solid var(--accent);box-shadow:0 -4px 20px #0003;font:13px/1.5 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px;padding:6px 10px;background:var(--paper);border-bottom:1px solid var(--line)}
h2{font-weight:600}
button,input,select{height:28px;padding:0 10px;border:1px solid var(--line);border-radius:6px;background:var(--card);white-space:nowrap;cursor:pointer}
button:hover,input:hover,select:hover{border-color:var(--accent)}
input{flex:1 1 140px;min-width:90px;cursor:text}
::placeholder{color:var(--faint);opacity:1}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.on{border-color:var(--bad);color:var(--bad)}
.record::before,.state::before{content:"";display:inline-block;width:8px;height:8px;margin-right:6px;border-radius:50%;background:currentColor}
.state{border-color:transparent;background:none;color:var(--wait)}
.good{color:var(--good)}
.bad{color:var(--bad)}
.count{min-width:80px;margin-right:6px;color:var(--faint);font-variant-numeric:tabular-nums}
.group{display:flex;flex-wrap:wrap;gap:4px}
.alert{padding:4px 12px;background:var(--bad);color:var(--card)}
.body{display:flex;flex:1;min-height:0}
.list{flex:3;min-width:0;overflow:auto}
.all{height:calc(var(--rows)*${ROW_PX}px);overflow:hidden}
.seen{transform:translateY(calc(var(--first)*${ROW_PX}px))}
.row{display:flex;gap:10px;height:${ROW_PX}px;padding:2px 10px 0 8px;border-left:3px solid transparent;border-bottom:1px solid var(--line);white-space:nowrap;cursor:default}
.row:hover{background:var(--paper)}
[aria-selected=true]{background:var(--chosen)!important}
.next{border-left-color:var(--accent)}
.row span,pre{font:12px/1.75 ui-monospace,Menlo,Consolas,monospace}
.row .faint{flex:none;color:var(--faint)}
.row .name{flex:none;overflow:hidden;max-width:40%;text-overflow:ellipsis;font-weight:600}
.row .kind{flex:none;color:var(--wait)}
.row .params{overflow:hidden;text-overflow:ellipsis;color:var(--faint)}
.empty{padding:16px;color:var(--faint)}
pre{flex:2;min-width:0;overflow:auto;padding:8px 12px;border-left:1px solid var(--line);background:var(--paper);white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:640px){:host{height:75vh}.body{flex-direction:column}pre{border-left:0;border-top:1px solid var(--line)}.row .params{display:none}.row .name{flex:1;max-width:none}}
@media print{:host{display:none}}
`;
