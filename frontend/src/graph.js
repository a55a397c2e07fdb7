// The graph around an object. The server draws it as links (SVG): here the arrow keys go from name to name, it can be kept as PNG, and on
// request it is drawn by Cytoscape, where names can be dragged and the whole zoomed. Places are kept in this browser, per picture, and
// in the address, to be passed on (#moved=...).
//
// The page declares it: figure[data-picture=graph][data-from=JSON], in it .graph-frame with the SVG, [data-free], [data-png].
// All texts come from the page.

import cytoscape from "cytoscape";

import { keep, kept, person } from "./page/kept.js";
import { say } from "./page/says.js";

const figure = document.querySelector("[data-picture=graph]");
const frame = figure?.querySelector(".graph-frame");
const svg = frame?.querySelector("svg");

/** The names by their places on the screen: what stands nearest in a direction. */
function nearest(from, key) {
  const at = middle(from);
  const ahead = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  let best = null;
  let least = Infinity;
  for (const link of svg.querySelectorAll("a.name")) {
    const there = middle(link);
    const [along, across] = ahead[0]
      ? [(there.x - at.x) * ahead[0], Math.abs(there.y - at.y)]
      : [(there.y - at.y) * ahead[1], Math.abs(there.x - at.x)];
    if (link === from || along < 4) continue;
    const far = along + 3 * across;
    if (far < least) [best, least] = [link, far];
  }
  return best;
}

function middle(link) {
  const { x, y, width, height } = link.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

function arrows() {
  svg.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow") || event.ctrlKey || event.altKey || event.metaKey) return;
    const from = event.target.closest("a");
    const next = from && nearest(from, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

/** What a picture of these colours looks like: read from the page, so that both themes hold. */
function colours() {
  const probe = document.createElement("span");
  frame.append(probe);
  const read = (name) => {
    probe.setAttribute("class", `probe-${name}`);
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(["ink", "soft", "edge", "sheet", "accent", "faint"].map((name) => [name, read(name)]));
  probe.remove();
  return found;
}

const place = () => `graph.${person()}.${figure.dataset.from}`;

function keptPlaces() {
  try {
    return JSON.parse(kept(localStorage, place()) ?? "{}");
  } catch {
    return {};
  }
}

/** The part of an id that tells objects apart, for an address. */
const short = (id) => id.slice(-12);

/** The places that the address gives: `#moved=ID~X~Y,…`, so that a picture can be passed on as somebody arranged it. */
function movedPlaces() {
  const said = new URLSearchParams(location.hash.slice(1)).get("moved") ?? "";
  const places = said.split(",").map((each) => each.split("~"));
  return Object.fromEntries(places.map(([id, x, y]) => [id, { x: Number(x), y: Number(y) }]).filter(([, at]) => Number.isFinite(at.x + at.y)));
}

/** Have the address say which names are elsewhere than the server put them. */
function sayPlaces(drawn, data) {
  const said = data.nodes.flatMap(({ id, x, y }) => {
    const at = drawn.getElementById(id).position();
    return Math.hypot(at.x - x, at.y - y) < 1 ? [] : [`${short(id)}~${Math.round(at.x)}~${Math.round(at.y)}`];
  });
  history.replaceState(history.state, "", said.length ? `#moved=${said.join(",")}` : location.pathname + location.search);
}

function keepPlaces(drawn) {
  keep(localStorage, place(), JSON.stringify(Object.fromEntries(drawn.nodes().map((node) => [node.id(), node.position()]))));
}

/** The same nodes, groups and ties as the server's picture. Names are those that it shows: defanged, cut. */
function elements(data) {
  const names = new Map([...svg.querySelectorAll("[data-node]")].map((node) => [node.dataset.node, node.querySelector("text").textContent]));
  const sides = ["left", "root", "right"];
  const rest = [...svg.querySelectorAll(".rest")];
  return [
    ...data.nodes.map(({ id, x, y, side }) => ({
      data: { id, name: names.get(id) ?? "" },
      position: { x, y },
      classes: sides[side + 1],
    })),
    ...data.groups.map(({ x, y, side }, number) => ({
      data: { id: `rest ${number}`, name: rest[number]?.querySelector("text").textContent ?? "" },
      position: { x, y },
      classes: `rest ${sides[side + 1]}`,
    })),
    ...data.ties.map((tie, number) => ({ data: { id: `tie ${number}`, source: tie.source, target: tie.target, name: tie.label } })),
    ...data.groups.map((group, number) => ({ data: { id: `to rest ${number}`, source: group.of, target: `rest ${number}` }, classes: "toward" })),
  ];
}

async function free(button) {
  const answer = await fetch(figure.dataset.from, { headers: { accept: "application/json" } });
  if (!answer.ok) return say(button.dataset.failed);
  const data = await answer.json();
  const paint = colours();
  const box = document.createElement("div");
  box.className = "graph-free";
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", frame.getAttribute("aria-label"));
  frame.before(box);
  frame.hidden = true;
  const places = keptPlaces();
  const moved = movedPlaces();
  const drawn = cytoscape({
    container: box,
    elements: elements(data),
    minZoom: 0.1,
    maxZoom: 3,
    layout: { name: "preset", positions: (node) => moved[short(node.id())] ?? places[node.id()] ?? node.position(), fit: true, padding: 20 },
    style: [
      {
        selector: "node",
        style: {
          label: "data(name)", color: paint.ink, "font-size": 13, "text-valign": "center", width: 11, height: 11,
          "background-color": paint.sheet, "border-color": paint.accent, "border-width": 1.5,
          "text-background-color": paint.sheet, "text-background-opacity": 1, "text-background-padding": 2,
        },
      },
      { selector: ".left", style: { "text-halign": "left", "text-margin-x": -4 } },
      { selector: ".right", style: { "text-halign": "right", "text-margin-x": 4 } },
      {
        selector: ".root",
        style: { "background-color": paint.accent, width: 20, height: 20, "font-weight": "bold", "text-valign": "bottom", "text-margin-y": 4 },
      },
      { selector: ".rest", style: { "border-color": paint.edge, color: paint.soft } },
      {
        selector: "edge",
        style: {
          width: 1, "line-color": paint.edge, "curve-style": "bezier", "target-arrow-shape": "triangle", "target-arrow-color": paint.edge,
          "arrow-scale": 0.8,
        },
      },
      { selector: ".toward", style: { "line-style": "dashed", "target-arrow-shape": "none" } },
    ],
  });
  drawn.on("dragfree", () => {
    keepPlaces(drawn);
    sayPlaces(drawn, data);
  });
  drawn.on("dbltap", "node", (event) => {
    const link = [...svg.querySelectorAll("[data-node]")].find((node) => node.dataset.node === event.target.id())?.querySelector("a.name");
    if (link) location.assign(link.href.baseVal ?? link.href);
  });
  button.setAttribute("aria-pressed", "true");
  return drawn;
}

/** Save a picture under a name. */
function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** The server's picture for paper, as pixels. */
async function png(button, drawn) {
  if (drawn) return save(drawn.png({ full: true, scale: 2, bg: colours().sheet }), "graph.png");
  const answer = await fetch(button.dataset.png);
  if (!answer.ok) return say(button.dataset.failed);
  const image = new Image();
  image.src = `data:image/svg+xml;base64,${btoa(String.fromCodePoint(...new TextEncoder().encode(await answer.text())))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * image.width;
  canvas.height = 2 * image.height;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return save(canvas.toDataURL("image/png"), "graph.png");
}

if (svg) {
  arrows();
  let drawn = null;
  const freely = figure.querySelector("[data-free]");
  const pixels = figure.querySelector("[data-png]");
  freely.hidden = false;
  pixels.hidden = false;
  freely.addEventListener("click", async () => {
    if (!drawn) {
      drawn = (await free(freely)) ?? null;
      return;
    }
    drawn.destroy();
    drawn = null;
    figure.querySelector(".graph-free").remove();
    frame.hidden = false;
    freely.setAttribute("aria-pressed", "false");
  });
  pixels.addEventListener("click", () => png(pixels, drawn));
  if (Object.keys(movedPlaces()).length) freely.click();
}
