"use strict";
(() => {
  const PAGE_ROWS = 50;
  const READ_IN_FILES = new Set(["config", "config_generic", "weights_index", "front_matter", "card_table", "card_text", "card_derived"]);
  const at = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
  const say = (value) => (value === null || value === undefined ? "unknown" : number.format(value));
  const flop = (value) => (value === null || value === undefined ? "unknown" : value.toExponential(2).replace("e+", "e"));
  const short = (value) => (value === null || value === undefined ? "unknown" : value >= 1e6 ? flop(value) : number.format(value));

  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const cut = (text, length) => (text.length > length ? text.slice(0, length) + "…" : text);
  const label = (text, length = 120) => {
    const element = make("bdi", cut(text, length));
    if (text.length > length) element.title = text;
    return element;
  };

  async function unpack() {
    const bytes = Uint8Array.from(atob(at("payload").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  const groups = (data, dimension, step) => {
    const rows = Object.entries(data.breakdown[dimension])
      .map(([group, models]) => ({ group, models: models[step] }))
      .filter(({ models }) => models > 0)
      .sort((a, b) => b.models - a.models || (a.group < b.group ? -1 : 1));
    return rows.length ? rows : [{ group: "none", models: 0 }];
  };

  const curve = (data, counted) => data.thresholds.map((threshold, step) => ({
    threshold,
    models_in: counted.models_in[step], models_unknown: counted.models_unknown[step],
    entities_in: counted.entities_in[step], expected: counted.expected[step],
    expected_low: counted.expected_low[step], expected_high: counted.expected_high[step],
    possible: counted.models_in[step] + counted.models_unknown[step],
  })).filter((row) => row.models_in !== null);

  function start(data, views) {
    const { thresholds, labels, populations, models, evidence } = data;
    const slider = at("slider");
    const claims = new Map();
    evidence.model.forEach((model, row) => {
      if (!claims.has(model)) claims.set(model, []);
      claims.get(model).push(row);
    });
    const words = models.repo_id.map((repo, row) =>
      [repo, models.entity[row], models.country[row], models.licence[row],
        ...(claims.get(row) || []).map((claim) => evidence.quote[claim])].join("\n").toLowerCase());
    const state = { page: 0, key: "compute_exact", down: true, rows: [] };

    const threshold = () => thresholds[Number(slider.value)];
    const population = () => populations[Number(at("population").value) || 0];

    function count() {
      const step = Number(slider.value);
      const counted = population();
      const text = labels[step] + " FLOP";
      at("threshold").textContent = text;
      slider.setAttribute("aria-valuetext", text);
      document.querySelectorAll(".threshold").forEach((element) => { element.textContent = text; });
      at("models-in").textContent = say(counted.models_in[step]);
      at("entities-in").textContent = say(counted.entities_in[step]);
      at("models-unknown").textContent = say(counted.models_unknown[step]);
      at("models-out").textContent = say(counted.models_out[step]);
      at("expected").textContent = counted.expected[step] === null ? "unknown"
        : `${say(counted.expected[step])} (${say(counted.expected_low[step])}–${say(counted.expected_high[step])})`;
      at("definition").textContent = `Counted are ${counted.unit} with training compute ${counted.comparator || ">"} ${text}. Definition: ${counted.definition || counted.unit}.`;
    }

    function draw() {
      const step = Number(slider.value);
      for (const name of ["curve", "frontier"]) views[name].signal("threshold", threshold()).runAsync();
      for (const table of document.querySelectorAll("[data-table]")) {
        const rows = groups(data, table.dataset.table, step);
        views.groups[table.dataset.table].data("breakdown", rows).runAsync();
        table.tBodies[0].replaceChildren(...rows.map(({ group, models }) => {
          const line = make("tr");
          const name = make("th", null, { scope: "row" });
          name.append(label(group));
          line.append(name, make("td", number.format(models), { class: "number" }));
          return line;
        }));
      }
    }

    const redraw = () => views.curve.data("curve", curve(data, population())).runAsync();

    function find() {
      const wanted = at("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      const only = at("above").checked;
      const line = threshold();
      const values = models[state.key];
      state.rows = words.map((_, row) => row).filter((row) =>
        (!only || (models.compute_exact[row] !== null && models.compute_exact[row] > line)) &&
        wanted.every((word) => words[row].includes(word)));
      state.rows.sort((a, b) => {
        const x = values[a], y = values[b];
        if (x === y) return a - b;
        if (x === null) return 1;
        if (y === null) return -1;
        return (x < y ? -1 : 1) * (state.down ? -1 : 1);
      });
      state.page = 0;
      list();
    }

    function address(row, claim) {
      const hub = data.hubs[models.hub[row]];
      if (!hub) return null;
      const file = claim === undefined ? null : evidence.file[claim];
      if (file && !READ_IN_FILES.has(evidence.method[claim])) return null;
      if (!file || !models.revision[row]) return hub[0].replace("{repo}", () => models.path[row]);
      const path = file.split("/").map(encodeURIComponent).join("/");
      return hub[1].replace("{repo}", () => models.path[row])
        .replace("{rev}", () => encodeURIComponent(models.revision[row])).replace("{file}", () => path)
        + (evidence.line[claim] ? `#L${evidence.line[claim]}` : "");
    }

    function link(parent, text, href) {
      if (!href) { parent.append(label(text)); return; }
      const anchor = make("a", null, { href, rel: "noopener noreferrer" });
      anchor.append(label(text));
      parent.append(anchor);
    }

    function proof(row) {
      const rows = claims.get(row) || [];
      const details = make("details");
      details.append(make("summary", rows.length ? `evidence (${rows.length})` : "evidence: none"));
      if (models.skip_reason[row]) details.append(make("p", `No compute: ${models.skip_reason[row]}.`));
      const judged = { i: "in", o: "out", u: "unknown" };
      const said = data.verdicts.filter(({ letters }) => judged[letters[row]]);
      if (said.length) {
        details.append(make("p", "Verdicts: " + said.map(({ rule, letters }) => `${rule}: ${judged[letters[row]]}`).join("; ") + "."));
      }
      if (models.compute_method[row]) details.append(make("p", `Compute by: ${models.compute_method[row]}.`));
      for (const claim of rows) {
        const line = make("p");
        const stage = evidence.stage[claim] ? `, ${evidence.stage[claim]}` : "";
        line.append(make("strong", evidence.quantity[claim]), ` ${short(evidence.value[claim])} ${evidence.unit[claim]}${stage}, by ${evidence.method[claim]}`);
        if (evidence.file[claim]) {
          line.append(", ");
          link(line, evidence.file[claim] + (evidence.line[claim] ? `, line ${evidence.line[claim]}` : ""), address(row, claim));
        }
        details.append(line);
        if (evidence.quote[claim]) details.append(make("blockquote", evidence.quote[claim], { dir: "auto" }));
      }
      return details;
    }

    function lines(row) {
      const element = make("tr");
      const name = make("th", null, { scope: "row" });
      link(name, models.repo_id[row], address(row));
      const entity = make("td");
      if (models.entity[row]) entity.append(label(models.entity[row], 60));
      if (models.country[row]) entity.append(` (${models.country[row]})`);
      const compute = make("td", flop(models.compute_flop[row]), { class: "number" });
      if (models.compute_flop_low[row] !== null) {
        compute.append(make("br"), make("small", `${flop(models.compute_flop_low[row])} – ${flop(models.compute_flop_high[row])}`));
      }
      element.append(name, entity, compute,
        make("td", short(models.parameters_total[row]), { class: "number" }),
        make("td", short(models.tokens[row]), { class: "number" }),
        make("td", models.created[row] || ""));
      const below = make("tr", null, { class: "proof" });
      const cell = make("td", null, { colspan: "6" });
      cell.append(proof(row));
      below.append(cell);
      return [element, below];
    }

    function list() {
      const first = state.page * PAGE_ROWS;
      const shown = state.rows.slice(first, first + PAGE_ROWS);
      at("list").tBodies[0].replaceChildren(...shown.flatMap(lines));
      at("found").textContent = `${number.format(state.rows.length)} models`;
      at("where").textContent = state.rows.length ? `${first + 1} to ${first + shown.length}` : "none";
      at("back").disabled = state.page === 0;
      at("next").disabled = first + PAGE_ROWS >= state.rows.length;
    }

    function csv() {
      const columns = ["repo_id", "entity", "country", "compute_exact", "compute_flop_low", "compute_flop_high", "parameters_total", "parameters_active", "tokens", "compute_method", "licence", "revision", "created"];
      const cell = (value) => {
        if (value === null || value === undefined) return "";
        if (typeof value === "number") return String(value);
        const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
        return /[",\r\n]/.test(text) || text !== value ? '"' + text.replaceAll('"', '""') + '"' : text;
      };
      return [columns.map((name) => name === "compute_exact" ? "compute_flop" : name).join(",")]
        .concat(state.rows.map((row) => columns.map((name) => cell(models[name][row])).join(","))).join("\r\n") + "\r\n";
    }

    slider.max = String(thresholds.length - 1);
    slider.value = String(Math.max(0, thresholds.findIndex((value) => value >= 1e23)));
    slider.addEventListener("input", () => { count(); draw(); if (at("above").checked) find(); });
    at("population").addEventListener("change", () => { count(); redraw(); });
    at("search").addEventListener("input", find);
    at("above").addEventListener("change", find);
    at("back").addEventListener("click", () => { state.page -= 1; list(); });
    at("next").addEventListener("click", () => { state.page += 1; list(); });
    at("export").addEventListener("click", () => {
      const anchor = make("a", null, { download: "models.csv", href: URL.createObjectURL(new Blob([csv()], { type: "text/csv" })) });
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
    });
    document.querySelectorAll("[data-sort]").forEach((button) => button.addEventListener("click", () => {
      const key = button.dataset.sort;
      state.down = state.key === key ? !state.down : typeof models[key].find((v) => v !== null) === "number";
      state.key = key;
      document.querySelectorAll("#list th[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
      button.parentElement.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      find();
    }));
    if (data.as_of) {
      const days = Math.floor((Date.now() - Date.parse(data.as_of)) / 86_400_000);
      at("age").textContent = days > 0 ? ` (${number.format(days)} days ago)` : "";
    }
    count(); redraw(); draw(); find();
  }

  async function charts(data) {
    const options = { actions: false, renderer: "svg", ast: true };
    const embed = async (element, specification, name, rows) => {
      const { view } = await window.vegaEmbed(element, { ...specification, datasets: { ...specification.datasets, [name]: rows } }, options);
      return view;
    };
    const views = { groups: {} };
    views.curve = await embed(at("curve"), data.charts.curve, "curve", curve(data, data.populations[0]));
    views.frontier = await embed(at("frontier"), data.charts.frontier, "frontier", data.frontier);
    if (at("history")) await embed(at("history"), data.charts.history, "history", data.history);
    for (const element of document.querySelectorAll("[data-dimension]")) {
      views.groups[element.dataset.dimension] = await embed(element, data.charts.breakdown, "breakdown", groups(data, element.dataset.dimension, 0));
    }
    return views;
  }

  window.addEventListener("DOMContentLoaded", async () => {
    const data = await unpack();
    start(data, await charts(data));
    document.documentElement.dataset.ready = "yes";
  });
})();
