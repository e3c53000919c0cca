// The one entry of the page's scripts. Every module listens on the document, so that a swapped part needs no new wiring.
import "./requests.js";
import "./drafts.js";
import "./autosave.js";
import "./outbox.js";
import "./live.js";
import "./keys.js";
import "./controls.js";
import "./focus.js";
import "./scripts.js";
import "./clock.js";
