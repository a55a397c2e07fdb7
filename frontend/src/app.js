// The script of every page. Pages read and submit without it; what it adds is declared by the page in attributes:
//
//   data-key="g i" [data-act=NAME]   a shortcut: follows the link, presses the button, focuses the field, or does the named act
//   data-list, data-item             a list and its rows, which j and k go through; without any, the rows of the page's tables
//   data-up                          the link that Escape follows
//   data-copy="VALUE"                a button that copies the real value
//   <time datetime>                  is shown in UTC or local time, whichever the reader chose; data-utc, data-local: a text for either
//   form[data-keep]                  what is typed is kept until the server has taken it; [data-state] in it says how that stands
//   data-live=arrived                how much arrived since the page was drawn (live.js)
//   data-opens=ID                    a button that opens the <dialog> of that id
//   data-middle=SELECTOR             a frame that scrolls: what is in its middle at first
//   data-slides=ID, data-since=DATE  a range of days since a date, which sets the date field of that id; let go, it sends the form
//   data-scripted                    hidden where no script runs
//
// All texts come from the page; none is in a script.

import htmx from "htmx.org";

import { copying } from "./page/copying.js";
import { dialogs } from "./page/dialogs.js";
import { drafts } from "./page/drafts.js";
import { lists } from "./page/lists.js";
import { live } from "./page/live.js";
import { middles } from "./page/middles.js";
import { palette } from "./page/palette.js";
import { shortcuts } from "./page/shortcuts.js";
import { slides } from "./page/slides.js";
import { times } from "./page/times.js";

// What our policy forbids, and what would let a fragment run anything.
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // no page is kept where the next person at this browser could read it

document.documentElement.dataset.scripts = "on";
for (const begin of [dialogs, shortcuts, lists, palette, copying, times, drafts, live, slides, middles]) begin();
