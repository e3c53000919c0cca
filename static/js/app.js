// The one entry of the page's scripts. Each module listens on the document, so that a swapped part needs no new wiring.
import "./words.js";
