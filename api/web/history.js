// What was asked on this machine: kept in this browser alone, newest first, gone with one click.

const KEY = "callboard.asked";
const MOST = 30;

export function asked() {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(list) ? list.filter((text) => typeof text === "string") : [];
  } catch { return []; /* storage is off, or holds what is not ours */ }
}

export function remember(question) {
  try {
    localStorage.setItem(KEY, JSON.stringify([question, ...asked().filter((text) => text !== question)].slice(0, MOST)));
  } catch { /* private windows may have none; asking works all the same */ }
}

export function forget() {
  try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ }
}
