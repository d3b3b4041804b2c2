// The admin's tables and queue: choosing rows, keys, dragging. Everything here has a button as well.
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ── A choice that is sent as soon as it is made ────────────────────────────────────────────────────────
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-sends]")) target.form.requestSubmit();
    if (target.matches("[data-chooses-all]")) {
      all(`[form="${target.dataset.choosesAll}"][name=chosen]`).forEach((box) => (box.checked = target.checked));
    }
    if (target.matches("[name=chosen], [data-chooses-all]")) tellChosen();
  });
  const tellChosen = () => {
    const number = all("[name=chosen]:checked").length;
    all("[data-chosen]").forEach((place) => (place.textContent = number ? `${number} chosen` : "None chosen"));
  };

  // ── The order of fields by dragging a row ──────────────────────────────────────────────────────────────
  const sorts = () =>
    all("[data-sorts]:not([data-sortable])").forEach((list) => {
      if (!window.Sortable) return;
      list.dataset.sortable = "";
      window.Sortable.create(list, {
        animation: 120,
        filter: "input, button, a",
        preventOnFilter: false,
        onEnd: ({ item, oldIndex, newIndex }) => {
          if (oldIndex === newIndex) return;
          const form = $("[data-place]", item);
          const place = document.createElement("input");
          Object.assign(place, { type: "hidden", name: "place", value: newIndex });
          form.append(place);
          form.requestSubmit();
        },
      });
    });
  document.addEventListener("htmx:after:swap", () => {
    sorts();
    tellChosen();
  });

  // ── The queue by keys ──────────────────────────────────────────────────────────────────────────────────
  const items = () => all("[data-review]");
  const current = () => document.activeElement?.closest("[data-review]") ?? $("[data-review].is-current");
  const go = (item) => {
    if (!item) return;
    items().forEach((other) => other.classList.toggle("is-current", other === item));
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "start" });
  };
  const step = (by) => {
    const list = items();
    const at = list.indexOf(current());
    go(list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)]);
  };
  const press = (act) => {
    const item = current() ?? items()[0];
    const button = item && $(`button[data-act="${act}"]`, item);
    if (!button) return;
    go(item);
    const reason = $("textarea", item);
    if (act !== "approve" && !reason.value.trim()) {
      reason.dataset.act = act;
      reason.focus();
      return;
    }
    button.click();
  };
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    a: () => press("approve"),
    c: () => press("request-changes"),
    r: () => press("reject"),
    "?": () => $("#review-keys")?.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (!$("[data-reviews]") || $("dialog:modal") || event.altKey) return;
    const { target, key } = event;
    if ((event.ctrlKey || event.metaKey) && key === "Enter" && target.dataset?.act) {
      event.preventDefault();
      press(target.dataset.act);
    }
    if (event.ctrlKey || event.metaKey || target.closest("input, select, textarea, [contenteditable]")) return;
    if (!Object.hasOwn(KEYS, key)) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[key]();
  }, true);
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const target = ctx.target;
    if (!(target instanceof Element) || !target.matches("[data-review], [data-decided]")) return;
    if (ctx.response?.status < 400) go(items().find((item) => target.compareDocumentPosition(item) & 4) ?? items()[0]);
  });

  sorts();
  tellChosen();
})();
