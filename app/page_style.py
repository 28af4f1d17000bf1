"""How the self-contained pages look: light and dark, on a desk and on a phone, with the colours charts ask for."""

from __future__ import annotations

STYLE = """
:root{--ink:#1c1d21;--paper:#fff;--soft:#f4f5f7;--line:#d7dae0;--muted:#5d6470;--good:#2e7d4f;--bad:#b3372b;
--series-1:#2f6f9f;--series-2:#b4552d;--series-3:#4c8a4c;--series-4:#7a5aa6;--series-5:#94813a;--series-6:#5b6472}
@media (prefers-color-scheme:dark){:root{--ink:#e8e9ec;--paper:#16171a;--soft:#202226;--line:#3a3d44;--muted:#a2a8b3;
--good:#6cc091;--bad:#f08a7d;--series-1:#6aaede;--series-2:#e39367;--series-3:#86c286;--series-4:#b79be0;--series-5:#cdbb74;--series-6:#a2abb8}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:24px 20px 60px}h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:36px 0 8px}
h3{font-size:15px;margin:22px 0 6px}p{margin:6px 0}.muted{color:var(--muted)}.chart{max-width:100%;height:auto;display:block}table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid var(--line)}th{color:var(--muted);font-weight:600}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.good{color:var(--good)}.bad{color:var(--bad)}
.scroll{overflow-x:auto}details{border:1px solid var(--line);border-radius:8px;margin:8px 0;background:var(--soft)}
summary{cursor:pointer;padding:8px 12px}details>div{padding:0 12px 10px}.two{display:grid;grid-template-columns:1fr 1fr;gap:14px}
@media (max-width:760px){.two{grid-template-columns:1fr}}.box{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:8px 10px}
.box b{display:block;color:var(--muted);font-size:12px;font-weight:600}code{font-size:13px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px;margin:18px 0}.big{font-size:24px;font-weight:600}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:10px 12px;font-size:13px}
.verdict{display:inline-block;padding:2px 10px;border-radius:99px;border:1px solid currentColor;font-weight:600}
"""
