// Suggestions while typing, for each [data-suggest]: a combobox whose focus stays in the box while
// aria-activedescendant walks the list it controls. Without an active option every key does what it always does.
(() => {
  "use strict";

  const WAIT = 150;
  let timer;
  let request;

  const listOf = (box) => document.getElementById(box.getAttribute("aria-controls"));
  const optionsOf = (box) => [...listOf(box).querySelectorAll("[role=option]")];
  const activeOf = (box) => optionsOf(box).find((option) => option.getAttribute("aria-selected") === "true");
  const isOpen = (box) => box.getAttribute("aria-expanded") === "true";
  const say = (box, text) => {
    listOf(box).nextElementSibling.textContent = text;
  };
  const forget = () => {
    clearTimeout(timer);
    request?.abort();
  };

  const close = (box) => {
    forget();
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    listOf(box).hidden = true;
    say(box, "");
  };
  const open = (box) => {
    const count = optionsOf(box).length;
    if (!count) {
      close(box);
      return;
    }
    box.setAttribute("aria-expanded", "true");
    box.removeAttribute("aria-activedescendant");
    listOf(box).hidden = false;
    say(box, `${count} ${count === 1 ? "suggestion" : "suggestions"}`);
  };

  const ask = async (box) => {
    const wanted = new URLSearchParams(new FormData(box.form));
    wanted.set("box", box.name);
    request = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggest}?${wanted}`, { headers: { "HX-Request": "true" }, signal: request.signal });
      const text = answer.ok ? await answer.text() : "";
      if (document.activeElement !== box) return;
      listOf(box).innerHTML = text;
      open(box);
    } catch {
      // Typed on, or the board cannot be reached: the box does without.
    }
  };
  const askSoon = (box) => {
    forget();
    if (box.value.trim()) timer = setTimeout(ask, WAIT, box);
    else close(box);
  };

  const activate = (box, option) => {
    activeOf(box)?.setAttribute("aria-selected", "false");
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", option.id);
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  };
  // Past either end none is active: the box is as it was typed.
  const step = (box, by) => {
    const options = optionsOf(box);
    const at = options.indexOf(activeOf(box));
    activate(box, at < 0 ? options.at(by > 0 ? 0 : -1) : options[at + by]);
  };

  // The link does the rest: in the listing its filters are set and asked for, elsewhere it is followed.
  const settle = (box, option) => {
    const wanted = new URL(option.href).searchParams;
    for (const field of box.form.querySelectorAll("[data-suggest]")) field.value = wanted.get(field.name) ?? "";
    close(box);
  };

  document.addEventListener("input", ({ target }) => {
    if (target.matches?.("[data-suggest]")) askSoon(target);
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (!box.matches?.("[data-suggest]") || event.isComposing) return;
    const active = isOpen(box) && activeOf(box);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen(box)) step(box, event.key === "ArrowDown" ? 1 : -1);
      else if (box.value.trim()) ask(box);
    } else if (event.key === "Enter") {
      if (active) {
        event.preventDefault();
        active.click();
      } else {
        close(box);
      }
    } else if (event.key === "Escape" && isOpen(box)) {
      event.preventDefault();
      event.stopPropagation();
      close(box);
    }
  }, true);
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches?.("[data-suggest]")) close(target);
  });
  // Pressing on the list leaves the focus in the box.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest?.("[role=listbox]")) event.preventDefault();
  });
  document.addEventListener("click", ({ target }) => {
    const option = target.closest?.("[role=listbox] [role=option]");
    const box = option && document.querySelector(`[aria-controls="${option.closest("[role=listbox]").id}"]`);
    if (box) settle(box, option);
  }, true);
})();
