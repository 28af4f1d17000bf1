// The two lines to copy, with this server's own address.
import "./callboard-search.js";
import { HOME } from "./links.js";
import { codeBlock } from "./markdown.js";

document.getElementById("snippet").append(codeBlock(`<script type="module" src="${HOME}web/callboard-search.js"></script>\n<callboard-search placeholder="who owns checkout?"></callboard-search>`, "html"));
