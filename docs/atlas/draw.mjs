#!/usr/bin/env node
// SPDX-License-Identifier: BSL-1.0
// Draws atlas.svg from atlas.csv as atlas.vl.json says.
// usage: docs/atlas/draw.mjs [NODE_MODULES]      default: where the preset `examples` brings Vega to
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const modules = pathToFileURL(resolve(process.argv[2] ?? "build/examples/examples/report/node_modules")).href;
const vega = await import(`${modules}/vega/build/vega.module.js`);
const lite = await import(`${modules}/vega-lite/build/index.js`);

const here = (name) => new URL(name, import.meta.url);
const spec = JSON.parse(await readFile(here("atlas.vl.json"), "utf8"));
spec.data = { values: await readFile(here("atlas.csv"), "utf8"), format: { type: "csv" } };
const view = new vega.View(vega.parse(lite.compile(spec).spec), { renderer: "none" });
await writeFile(here("atlas.svg"), `${await view.toSVG()}\n`);
