// The components' style sheet: a real file, taken in through the CSSOM, so that a host's `style-src` need not name us.
const sheet = new CSSStyleSheet();

/** Resolves when the rules are there; without them the components still work. */
export const ready = fetch(new URL("component.css", import.meta.url))
  .then((response) => (response.ok ? response.text() : ""))
  .then((rules) => sheet.replace(rules))
  .catch(() => null);

export default sheet;
