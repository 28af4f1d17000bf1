// Values → words: dates, numbers, references. The same thing reads the same everywhere on the page.
import { h } from "./dom.js";
import { hrefOf, isRef, nameOf } from "./links.js";

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;
const URL_TEXT = /^https?:\/\/\S+$/;
const STEPS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });
const minute = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

export const isMoment = (value) => typeof value === "string" && MOMENT.test(value);
export function refLink(ref, text = nameOf(ref)) {
  const href = hrefOf(ref);
  return href ? h("a", { href, title: ref, class: "ref", part: "link", data: { ref } }, text) : h("span", { title: ref }, text);
}

export function ago(text, now = new Date()) {
  const seconds = (new Date(text) - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length * (unit === "minute" ? 1 : 1.5)) return relative.format(Math.round(seconds / length), unit);
  }
  return Math.abs(seconds) < 60 ? "just now" : relative.format(Math.round(seconds / 60), "minute");
}

export const date = (text) => day.format(new Date(text));
export const moment = (text) => `${minute.format(new Date(text))} UTC`;

export function words(field) {
  return field.replaceAll("_", " ");
}

/** "12 services", "3.5 days", "42 %", "$1,200": a value with its unit, as text. */
export function amount(value, unit) {
  if (value === true) return "Yes";
  if (value === false) return "No";
  if (isMoment(value)) return moment(value);
  const text = typeof value === "number" ? number.format(value) : String(value ?? "—");
  if (unit === "percent") return `${text} %`;
  if (unit === "usd") return `$${text}`;
  return text;
}

export function unitWords(unit) {
  if (!unit || ["count", "percent", "usd", "timestamp"].includes(unit)) return "";
  return unit.replace("per_week", "per week").replaceAll("_", " ");
}

/** Whether a field holds no value; a column of such takes no room. */
export function nothing(given) {
  return given === null || given === undefined || given === "" || (Array.isArray(given) && !given.length);
}

/** A field's value as a node. */
export function value(given, field, asOf) {
  if (nothing(given)) return h("span", { class: "none" }, /deployed_at$/.test(field) ? "never" : "—");
  if (Array.isArray(given)) {
    return h("span", {}, given.flatMap((item, i) => (i ? [", ", value(item, field, asOf)] : [value(item, field, asOf)])));
  }
  if (typeof given === "boolean") return h("span", {}, given ? "yes" : "no");
  if (typeof given === "number") return h("span", { class: "number" }, number.format(given));
  if (typeof given === "object") return h("code", {}, JSON.stringify(given));
  if (isMoment(given)) return h("time", { datetime: given, title: moment(given) }, ago(given, asOf), h("span", { class: "exact" }, date(given)));
  if (isRef(given)) return refLink(given);
  if (URL_TEXT.test(given)) return h("a", { href: given, rel: "noreferrer noopener", target: "_blank" }, given.replace(/^https?:\/\//, ""));
  return h("span", {}, given);
}

export function lines([first, last]) {
  return first === last ? `line ${first}` : `lines ${first}–${last}`;
}

export function place(path, range) {
  return `${path}:${range[0] === range[1] ? range[0] : `${range[0]}–${range[1]}`}`;
}
