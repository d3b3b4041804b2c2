// The applicants of a job: keys, dragging, selecting, refusing with a reason, one opened beside the list.
// Every move is the submission of a form that is there without this script too.
(() => {
  "use strict";

  const $ = (selector, root = document) => root?.querySelector(selector) ?? null;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, act, options) => document.addEventListener(type, act, options);
  const closest = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);
  const wide = matchMedia("(width >= 75rem)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // ── Refusing ───────────────────────────────────────────────────────────────────────────────────────────
  let refused = null;

  const askWhy = (form) => {
    const dialog = $("#reject");
    if (!dialog || !form) return;
    refused = form;
    $("[data-reject-name]", dialog).textContent = form.dataset.name;
    $("form", dialog).reset();
    $("#reject-reason").value = form.elements.reason.value;
    dialog.showModal();
    $("#reject-reason").focus();
  };

  on("change", (event) => {
    if (event.target.matches?.("[data-reject-template]")) $("#reject-reason").value = event.target.value;
  });

  on("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-reject]")) {
      if (!refused?.isConnected) return;
      refused.elements.to.value = "rejected";
      refused.elements.reason.value = $("#reject-reason").value;
      refused.elements.notify.value = form.elements["reject-notify"].value;
      const due = refused;
      setTimeout(() => due.requestSubmit());
    } else if (form.matches("[data-move]")) {
      const state = $("[data-state]", form);
      if (state) state.value = listAddress();
      if (form.elements.to.value !== "rejected" || form.elements.reason.value.trim()) return;
      event.preventDefault();
      event.stopPropagation();
      askWhy(form);
    }
  }, true);

  on("click", (event) => {
    const button = closest(event, "[data-rejects]");
    if (button) askWhy($("form[data-move]", button.closest("section")));
  });

  // ── Beside the list, where there is room ───────────────────────────────────────────────────────────────
  let list = location.href;

  const listAddress = () => {
    const link = $("#views [aria-current=page]");
    return link ? link.getAttribute("href") : location.pathname + location.search;
  };

  on("click", (event) => {
    const link = closest(event, "[data-panel]");
    if (!link) return;
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!plain || !wide.matches) event.stopPropagation(); // the link alone, as without a script
    else if (location.pathname.endsWith("/applicants")) list = location.href;
  }, true);

  const markCurrent = () => {
    const id = $("#detail .applicant")?.id.replace("applicant-", "");
    all("[data-application].is-current").forEach((card) => card.classList.remove("is-current"));
    return id ? $(`[data-application="${id}"]`) : null;
  };

  on("click", (event) => {
    const link = closest(event, "[data-close-panel]");
    if (!link) return;
    event.preventDefault();
    const card = markCurrent();
    $("#detail").replaceChildren();
    history.pushState({ htmx: true }, "", list);
    $("a[data-panel]", card)?.focus();
  });

  // ── Selecting ──────────────────────────────────────────────────────────────────────────────────────────
  const countSelected = () => {
    const told = $("[data-selected]");
    const number = all("[name=pick]:checked").length;
    if (told) told.textContent = `${number} selected`;
  };
  on("change", (event) => event.target.matches?.("[name=pick]") && countSelected());
  on("click", (event) => {
    if (!closest(event, "[data-unselect]")) return;
    all("[name=pick]:checked").forEach((box) => (box.checked = false));
    countSelected();
  });

  // ── Dragging ───────────────────────────────────────────────────────────────────────────────────────────
  const going = new Map();

  const mayGo = (card, column) => (card.dataset.moves ?? "").split(" ").includes(column.dataset.column);

  const dress = (board) => {
    if (!window.Sortable || "draggable" in board.dataset) return;
    board.dataset.draggable = "";
    all(".board-cards", board).forEach((column) => new window.Sortable(column, {
      group: { name: "applicants", put: (to, from, card) => mayGo(card, to.el) },
      draggable: "[data-application]",
      filter: "a, button, select, textarea, input, label, summary",
      preventOnFilter: false,
      sort: false,
      delay: 180,
      delayOnTouchOnly: true,
      animation: still.matches ? 0 : 150,
      scroll: true,
      onStart: ({ item }) => {
        board.classList.add("is-dragging");
        all(".board-cards", board).forEach((other) => other.classList.toggle("can-drop", mayGo(item, other)));
      },
      onEnd: (drop) => {
        board.classList.remove("is-dragging");
        if (drop.to !== drop.from) dropped(drop);
      },
    }));
  };
  on("pointerdown", (event) => {
    const board = closest(event, "[data-board]");
    if (board) dress(board);
  }, true);
  on("pointerover", (event) => {
    const board = closest(event, "[data-board]:not([data-draggable])");
    if (board) dress(board);
  });

  // A card rests in the last column that may take it; let go over another one, it was not meant to go there.
  const meant = ({ originalEvent: event, to }) => {
    const { clientX, clientY } = event?.changedTouches?.[0] ?? event ?? {};
    if (!clientX && !clientY) return true;
    return document.elementFromPoint(clientX, clientY)?.closest(".board-column") === to.closest(".board-column");
  };

  const dropped = (drop) => {
    const { item: card, from, to, oldIndex } = drop;
    const form = $("form[data-move]", card);
    const putBack = () => card.isConnected && from.insertBefore(card, from.children[oldIndex] ?? null);
    if (!form || !meant(drop)) return putBack();
    if (to.dataset.column === "rejected") {
      putBack();
      return askWhy(form);
    }
    form.elements.to.value = to.dataset.column;
    going.set(form, putBack);
    card.classList.add("is-moving");
    return form.requestSubmit();
  };

  const rollBack = ({ detail: { ctx } }) => {
    const putBack = going.get(ctx?.sourceElement);
    going.delete(ctx?.sourceElement);
    putBack?.();
  };
  on("htmx:response:error", rollBack);
  on("htmx:error", rollBack);
  on("htmx:finally:request", ({ detail: { ctx } }) => {
    const source = ctx.sourceElement;
    going.delete(source);
    source?.closest?.(".board-card")?.classList.remove("is-moving");
    if (source?.matches?.("[data-undo]")) source.closest(".toast")?.remove();
  });

  on("htmx:after:swap", ({ detail: { ctx } }) => {
    all(".board-column[hidden]").forEach((column) => {
      if ($("[data-application]", column)) column.hidden = false;
    });
    countSelected();
    markCurrent()?.classList.add("is-current");
    const source = ctx?.sourceElement;
    const target = ctx?.target instanceof Element ? ctx.target : null;
    if (target?.id === "detail") {
      target.scrollTop = 0;
      $(".name", target)?.focus({ preventScroll: true });
    } else if (source?.matches?.("[data-move]") && !source.isConnected) {
      const id = source.action.match(/applications\/(\d+)\//)?.[1];
      if (id) $(`#application-${id} :is(select, a)`)?.focus({ preventScroll: true });
    }
  });

  // ── Keys ───────────────────────────────────────────────────────────────────────────────────────────────
  const current = () => document.activeElement?.closest("[data-application]") ?? null;
  const step = (by) => {
    const cards = all("[data-application]").filter((card) => card.checkVisibility());
    const at = cards.indexOf(current());
    const card = cards[at < 0 ? 0 : Math.min(Math.max(at + by, 0), cards.length - 1)];
    $("a[data-panel]", card)?.focus();
    card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  on("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog:modal")) return;
    if (closest(event, "input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
    const key = event.key;
    const card = current();
    let act = null;
    if (key === "r" && card) act = () => askWhy($("form[data-move]", card));
    else if (key === "x" && card) act = () => $("[name=pick]", card)?.click();
    else {
      const control = all(`[data-key="${CSS.escape(key)}"]`).find((element) => element.checkVisibility());
      if (control) act = () => control.click();
      else if ((key === "j" || key === "k") && $("[data-application]")) act = () => step(key === "j" ? 1 : -1);
    }
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, true);

  countSelected();
})();
