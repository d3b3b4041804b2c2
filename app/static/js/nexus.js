// Makes plain links and forms pleasanter. Every handler is delegated from the document, so that swapped
// content needs no set-up; the attributes it listens for are listed in docs/design.md.
(() => {
  "use strict";

  const AUTOMATIC_BATCHES = 3;
  const TOAST_SECONDS = 6;
  const KEPT_LIST = "nexus-list";

  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, act, options) => document.addEventListener(type, act, options);
  const onEach = (type, selector, act) =>
    on(type, (event) => {
      const element = event.target.closest?.(selector);
      if (element) act(element, event);
    });
  const isPlainClick = (event) =>
    event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.defaultPrevented);

  // ── Theme ──────────────────────────────────────────────────────────────────────────────────────────────
  onEach("click", "[data-theme-toggle]", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // The choice then lasts for this page only.
    }
  });

  // ── A tab far along the row is brought into view ───────────────────────────────────────────────────────
  const showTab = () => {
    const tab = $(".tabs [aria-current]");
    const row = tab?.closest(".tabs");
    if (row) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  };
  document.addEventListener("DOMContentLoaded", showTab);

  // ── Toasts ─────────────────────────────────────────────────────────────────────────────────────────────
  const toast = (text, kind = "ok") => {
    const element = document.createElement("p");
    element.className = `toast toast-${kind}`;
    element.textContent = text;
    $("#toasts")?.append(element);
  };

  onEach("click", "[data-copy]", async (button) => {
    const address = new URL(button.dataset.copy, location.href).href;
    try {
      await navigator.clipboard.writeText(address);
      toast("The link is copied.");
    } catch {
      toast(`Copy it from here: ${address}`);
    }
  });

  onEach("click", "[data-copy-field]", async (button) => {
    const field = document.getElementById(button.dataset.copyField);
    try {
      await navigator.clipboard.writeText(field.value);
      toast("It is copied.");
    } catch {
      field.select();
      toast("It is marked: copy it with your keyboard.");
    }
  });

  onEach("click", "[data-print]", () => print());
  onEach("click", "[data-share]", async (button) => {
    const url = new URL(button.dataset.share, location.href).href;
    try {
      await navigator.share({ title: button.dataset.title, url });
    } catch { /* who closes the sheet has changed their mind */ }
  });
  const offerSharing = (root) => {
    if (navigator.share) all("[data-share]", root).forEach((button) => (button.hidden = false));
  };
  on("htmx:after:swap", () => offerSharing(document));

  const dressToast = (element) => {
    if ("dressed" in element.dataset) return;
    element.dataset.dressed = "";
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", "Dismiss");
    close.addEventListener("click", () => element.remove());
    element.append(close);
    let timer;
    const start = () => {
      timer = setTimeout(() => element.remove(), 1000 * (Number(element.dataset.seconds) || TOAST_SECONDS));
    };
    const hold = () => clearTimeout(timer);
    const offer = $("form", element); // what is offered ends with its time, though the words may stay
    if (offer) setTimeout(() => offer.remove(), 1000 * (Number(element.dataset.seconds) || TOAST_SECONDS));
    element.addEventListener("mouseenter", hold);
    element.addEventListener("focusin", hold);
    element.addEventListener("mouseleave", start);
    element.addEventListener("focusout", start);
    start();
  };

  const watchToasts = () => {
    const region = $("#toasts");
    if (!region) return;
    all(".toast", region).forEach(dressToast);
    new MutationObserver(() => all(".toast", region).forEach(dressToast)).observe(region, { childList: true });
  };

  on("htmx:response:error", ({ detail: { ctx } }) => {
    const told = ctx.text?.includes('hx-target="#toasts"');
    if (ctx.response.status >= 500 && !told) toast("Something broke on our side. Please try again in a moment.", "error");
  });
  on("htmx:error", ({ detail }) => {
    if (detail.ctx?.request) toast("The board cannot be reached. Check your connection and try again.", "error");
  });

  // ── Dialogs and menus ──────────────────────────────────────────────────────────────────────────────────
  onEach("click", "[data-opens]", (button) => document.getElementById(button.dataset.opens)?.showModal());
  onEach("click", "[data-closes]", (button) => button.closest("dialog")?.close());
  on("click", ({ target }) => {
    if (target instanceof HTMLDialogElement) target.close();
    all("details.menu[open]").forEach((menu) => menu.contains(target) || (menu.open = false));
  });

  // ── Forms ──────────────────────────────────────────────────────────────────────────────────────────────
  const setBusy = (button, busy) => {
    if (busy) button?.setAttribute("aria-busy", "true");
    else button?.removeAttribute("aria-busy");
  };
  const buttonOf = (ctx) => {
    const source = ctx.request.submitter ?? ctx.sourceElement;
    return source?.matches?.("button.btn") ? source : null;
  };
  on("htmx:before:request", ({ detail: { ctx } }) => setBusy(buttonOf(ctx), true));
  on("htmx:finally:request", ({ detail: { ctx } }) => setBusy(buttonOf(ctx), false));

  // The second half of a double click: sent, it would take the place of the answer to the first.
  const DOUBLE = 800;
  let sent = {};
  on("submit", (event) => {
    const { target, submitter, timeStamp } = event;
    if (target.matches("[data-sign-out]")) forget();
    if (event.defaultPrevented || target.method !== "post") return;
    if (sent.form === target && timeStamp - sent.at < DOUBLE) return event.preventDefault();
    sent = { form: target, at: timeStamp };
    setBusy(submitter, true);
  });
  addEventListener("pageshow", () => all("[aria-busy=true]").forEach((button) => setBusy(button, false)));

  const nameFile = (box) => {
    const file = $("input[type=file]", box).files[0];
    box.classList.toggle("is-filled", Boolean(file));
    if (file) $("[data-file-name]", box).textContent = `${file.name} (${Math.max(1, Math.round(file.size / 1024))} kB)`;
  };
  onEach("change", "[data-file]", nameFile);
  for (const [type, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    onEach(type, "[data-file]", (box) => box.classList.toggle("is-over", over));
  }
  onEach("paste", "form", (form, event) => {
    const box = $("[data-file]", form);
    if (!box || !event.clipboardData?.files.length) return;
    $("input[type=file]", box).files = event.clipboardData.files;
    nameFile(box);
  });

  // Once each: what a later swap leaves standing does not take the focus again.
  const focusNews = () => {
    const news = $("[data-focus]");
    news?.removeAttribute("data-focus");
    news?.focus();
  };

  // ── Times in the reader's own zone ─────────────────────────────────────────────────────────────────────
  const exact = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "narrow" });
  const justNow = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" }).format(0, "second");
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" });
  const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

  const inWords = (moment) => {
    const seconds = (moment - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? [];
    return unit ? relative.format(Math.trunc(seconds / size), unit) : justNow;
  };
  const tellTimes = (root = document) =>
    all("time[data-age], time[data-day]", root).forEach((element) => {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.valueOf())) return;
      element.title = exact.format(moment);
      element.textContent = "age" in element.dataset ? inWords(moment) : day.format(moment);
    });

  // ── The listing ────────────────────────────────────────────────────────────────────────────────────────
  // The URL while typing: the entry's address is replaced; committing (Enter, leaving the field, choosing a
  // filter) puts the address from before the typing back and pushes the new one, so that Back undoes it.
  let draft = null;
  let typing = false;
  let leaving;
  let opened = false; // a job, since the list was last asked for: it and its address stay when the list comes

  const putBack = () => {
    history.replaceState(draft.state, "", draft.url);
    draft = null;
  };
  const commitDraft = () => {
    if (!draft) return;
    const here = [history.state, "", location.href];
    putBack();
    history.pushState(...here);
  };

  on("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    const source = ctx.sourceElement;
    if (source.matches("[data-live]")) {
      typing = ctx.sourceEvent.type === "input";
      opened = false;
      const body = ctx.request.body;
      for (const [name, value] of [...body]) if (value === "") body.delete(name);
    } else if (source.matches("a[rel=next]")) {
      limitBatches(event);
    } else if (source.matches("[data-detail]")) {
      typing = false;
      opened = true;
      openPosting(ctx);
    }
  });

  on("htmx:before:history:update", (event) => {
    const { sourceElement, history: step } = event.detail;
    if (!sourceElement?.matches?.("[data-live]")) return;
    if (opened) {
      event.preventDefault();
    } else if (typing) {
      draft ??= { url: location.href, state: history.state };
      step.type = "replace";
    } else if (draft) {
      putBack();
    } else if (new URL(step.path, location.href).href === location.href) {
      step.type = "replace";
    }
  });

  onEach("change", "[data-live] input", (input) => {
    if (!input.matches("[type=checkbox], [type=radio]")) leaving = setTimeout(commitDraft);
  });
  onEach("submit", "[data-live]", () => clearTimeout(leaving));

  // A chip, "clear all" or a suggestion sets the form to what its link says, then the form asks as always.
  onEach("click", "a[data-refine]", (link, event) => {
    const form = $("form[data-live]");
    if (!form || !isPlainClick(event)) return;
    event.preventDefault();
    setForm(form, new URL(link.href).searchParams, new URL(location.href).searchParams);
    if (!link.closest("dialog")) $("#count")?.focus?.();
    form.requestSubmit();
  });

  const setForm = (form, wanted, present) => {
    for (const field of [...form.elements]) {
      if (!field.name) continue;
      const values = wanted.getAll(field.name);
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = values.length ? values.includes(field.value) : field.type === "radio" && field.value === "";
      } else if (field.type === "hidden") {
        if (!values.includes(field.value)) field.remove();
      } else if (String(values) !== String(present.getAll(field.name))) {
        field.value = values[0] ?? "";
      }
    }
    // What has no control here, as when the list was empty, is asked for all the same.
    for (const [name, value] of wanted) {
      const held = [...form.elements].some((field) => field.name === name && (field.value === value || field.type === "search"));
      if (!held) $("#facets", form).insertAdjacentElement("beforeend", Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  };

  // What was asked is from now on what the form goes back to when the page comes out of the history.
  const settleForm = (form) =>
    all("input:not([type=checkbox], [type=radio], [type=hidden])", form).forEach((field) => {
      field.defaultValue = field.value;
    });

  // Three batches come by themselves, then the link waits for a click and the footer can be reached.
  const limitBatches = (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceEvent.type !== "intersect") return;
    const { dataset } = $("#results");
    const batches = Number(dataset.batches ?? 0);
    if (batches >= AUTOMATIC_BATCHES) event.preventDefault();
    else dataset.batches = batches + 1;
  };

  // Beside the list where there is room, else as a page of its own.
  const openPosting = (ctx) => {
    if (matchMedia("(width >= 75rem)").matches) {
      markCurrent(ctx.sourceElement.closest(".job"));
      return;
    }
    ctx.target = document.body;
    ctx.select = null;
    ctx.swap = "outerSync show:top showTarget:body";
  };
  const markCurrent = (row) => {
    all(".job.is-current").forEach((other) => other.classList.remove("is-current"));
    row?.classList.add("is-current");
  };

  on("htmx:after:swap", ({ detail: { ctx } }) => {
    const source = ctx.sourceElement;
    const target = ctx.target instanceof Element ? ctx.target : document;
    if (source?.matches?.("[data-live]") && ctx.response?.status < 400) {
      delete $("#results")?.dataset.batches;
      settleForm(source);
      if (!opened) $("#detail")?.replaceChildren();
    }
    if (target.id === "detail") {
      target.scrollTop = 0;
      $(".job.is-current")?.scrollIntoView({ block: "nearest" });
    }
    source?.closest?.(".toast")?.remove(); // what it offered is used
    if (target === document.body) watchToasts();
    tellTimes();
    focusNews();
  });

  // Back twice, quickly: the page of the first step may arrive last, and is not the one asked for any more.
  on("htmx:before:swap", (event) => {
    const { request } = event.detail.ctx ?? {};
    if (!request?.headers?.["HX-History-Restore-Request"]) return;
    const asked = new URL(request.action, location.href);
    if (asked.pathname + asked.search !== location.pathname + location.search) event.preventDefault();
  });

  on("htmx:history:cache:after:restore", () => {
    draft = null;
    all("form[data-live]").forEach((form) => form.reset());
    all("dialog[open]").forEach((dialog) => dialog.removeAttribute("open"));
    $("#toasts")?.replaceChildren();
    all(".htmx-request").forEach((element) => element.classList.remove("htmx-request"));
    watchToasts();
  });

  // Leaving by a plain link: the scrolled list is kept for the way back, if the browser does not keep the page.
  const forget = () => {
    Object.keys(sessionStorage)
      .filter((key) => key === KEPT_LIST || key.startsWith("htmx-history"))
      .forEach((key) => sessionStorage.removeItem(key));
  };
  addEventListener("pagehide", () => {
    const results = $("#results");
    if (!results?.dataset.batches) return;
    try {
      sessionStorage.setItem(KEPT_LIST, JSON.stringify({
        url: location.href, html: results.innerHTML, batches: results.dataset.batches, scroll: scrollY,
      }));
    } catch {
      // Without room to keep it the list starts anew.
    }
  });
  const bringBack = () => {
    if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
    const kept = JSON.parse(sessionStorage.getItem(KEPT_LIST) ?? "null");
    const results = $("#results");
    if (!results || kept?.url !== location.href) return;
    results.innerHTML = kept.html;
    results.dataset.batches = kept.batches;
    scrollTo({ top: kept.scroll, behavior: "instant" });
  };

  // ── Keys ───────────────────────────────────────────────────────────────────────────────────────────────
  const currentRow = () => $(".job:focus-within") ?? $(".job.is-current");
  const step = (by) => {
    const rows = all("#results .job");
    const at = rows.indexOf(currentRow());
    const row = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
    $("a", row)?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  const KEYS = {
    "/": () => $("[data-search]")?.select(),
    "j": () => step(1),
    "k": () => step(-1),
    "o": () => $("a", currentRow())?.click(),
    "s": () => $("[data-save]", currentRow())?.click(),
    "?": () => $("#shortcuts")?.showModal(),
  };
  const fold = (details) => {
    if (details.contains(document.activeElement)) $("summary", details).focus();
    details.open = false;
  };
  on("keydown", (event) => {
    if (event.key === "Escape") all("details:is(.menu, .ask)[open]").forEach(fold);
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog:modal")) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const act = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
    const needsRow = "os".includes(event.key) && !currentRow();
    if (!act || needsRow) return;
    event.preventDefault();
    act();
  });

  bringBack();
  watchToasts();
  offerSharing(document);
  tellTimes();
  focusNews();
})();
